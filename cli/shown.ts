import * as path from "node:path";

/** What messages call copies of folders, by where they are. */
const copies = new Map<string, string>();

/** A file as messages call it: from the working folder, where it is below that; one of a copy by what was copied. */
export function shown(file: string): string {
  for (const [copy, name] of copies) {
    if (file.startsWith(copy + path.sep)) {
      return name + file.slice(copy.length + path.sep.length);
    }
  }
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}

/**
 * Calls `use` while messages call the files of a folder by another name.
 *
 * @param name stands before the rest of a file's path, as `HEAD:`
 */
export function shownAs<T>(copy: string, name: string, use: () => T): T {
  copies.set(copy, name);
  try {
    return use();
  } finally {
    copies.delete(copy);
  }
}
