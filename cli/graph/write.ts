import * as fs from "node:fs/promises";
import * as path from "node:path";

/** A file that cannot be written; the message says which and why. */
export class UnwritableError extends Error {}

/**
 * Writes a file whole or not at all: whoever reads it meanwhile sees the old one. Folders are made.
 *
 * @throws UnwritableError
 */
export async function writeWhole(file: string, content: string): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(partial, content);
    await fs.rename(partial, file);
  } catch (error) {
    await fs.rm(partial, { force: true }).catch(() => undefined);
    throw new UnwritableError(`${file} cannot be written: ${(error as Error).message}.`);
  }
}
