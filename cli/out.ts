import * as fs from "node:fs";
import * as path from "node:path";

/** A place that nothing can be written to; the message says which and why. */
export class UnwritableError extends Error {}

/**
 * Writes a file whole or not at all: whoever reads it meanwhile sees the old one. Folders are made.
 *
 * @throws UnwritableError
 */
export function writeWhole(file: string, content: string): void {
  const partial = `${file}.${process.pid}.partial`;
  writing(file, () => {
    if (isFolder(file)) {
      throw new UnwritableError(`${file} cannot be written: it is a folder, and a file is wanted.`);
    }
    makeFolder(path.dirname(file));
    try {
      fs.writeFileSync(partial, content);
      fs.renameSync(partial, file);
    } catch (error) {
      fs.rmSync(partial, { force: true });
      throw error;
    }
  });
}

/**
 * Makes a folder and those above it, one by one: Node's own `recursive` never ends where the file system says that
 * there is nothing to make a folder in, as below /proc.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) {
    return;
  }
  const above = path.dirname(folder);
  if (above !== folder) {
    makeFolder(above);
  }
  fs.mkdirSync(folder);
}

/** Does what writes to a place, and says in words where that cannot be done. @throws UnwritableError */
export function writing<T>(place: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code, message, path: at = place } = error as NodeJS.ErrnoException;
    if (code === undefined) {
      throw error;
    }
    const why = reasons[code]?.(at) ?? message;
    throw new UnwritableError(`${place} cannot be written: ${why}.`);
  }
}

const reasons: Record<string, (at: string) => string> = {
  EACCES: (at) => `there is no permission to write ${at}`,
  EPERM: (at) => `there is no permission to write ${at}`,
  EROFS: (at) => `${at} is in a file system that is read-only`,
  ENOENT: (at) => `nothing can be made at ${at}`,
  ENOTDIR: (at) => `a file is in the way of ${at}`,
  EEXIST: (at) => `a file is in the way of ${at}`,
  EISDIR: (at) => `${at} is a folder`,
  ENOSPC: () => "no space is left",
  ENAMETOOLONG: () => "the name is too long",
};

function isFolder(place: string): boolean {
  return fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
