import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const folders = new Set<string>();

process.on("exit", () => folders.forEach(discard));

/** Runs an action with a folder that only this user can read, and removes the folder whatever happens. */
export async function withScratchFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-kubernetes-"));
  folders.add(folder);
  try {
    return await action(folder);
  } finally {
    discard(folder);
  }
}

/** Writes a file that only this user can read. */
export function writePrivately(file: string, contents: string): string {
  fs.writeFileSync(file, contents, { mode: 0o600 });
  return file;
}

function discard(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
