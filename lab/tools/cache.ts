import * as crypto from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { explainWriteFailure } from "./disk";
import { withLock } from "./lock";

const keyLength = 16;

/** A short name for content that is made from these parts, in their order: another part, another key. */
export function cacheKey(parts: readonly (string | Buffer)[]): string {
  const hash = crypto.createHash("sha256");
  for (const part of parts) {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  }
  return hash.digest("hex").slice(0, keyLength);
}

/** A file or folder of the cache: `<folder>/<kind>-<key>`. */
export interface CacheEntry {
  folder: string;
  /** What it is; entries of one kind are made one at a time. */
  kind: string;
  /** From `cacheKey`, over all that it is made from. */
  key: string;
}

export interface CacheOptions {
  /** Called when another process makes something of this kind, which is then waited for. */
  onWait?: () => void;
  /** Removes what the folder holds of the same kind under other keys. @default false */
  onlyOne?: boolean;
}

export function cachePath({ folder, kind, key }: CacheEntry): string {
  return path.join(folder, `${kind}-${key}`);
}

/**
 * An entry of the cache, made when it is not there yet. It is made beside its place and renamed into it when it is
 * whole, by one process at a time; what an earlier process left half made is removed.
 *
 * @param make makes it at the path that it is given, in a folder that exists
 * @returns the entry's path
 * @throws LabError when the folder cannot be written or its disk is full
 */
export async function cached(
  entry: CacheEntry,
  make: (partial: string) => Promise<void>,
  options: CacheOptions = {},
): Promise<string> {
  const target = cachePath(entry);
  if (!(await exists(target))) {
    try {
      await fs.mkdir(entry.folder, { recursive: true });
      const lock = path.join(entry.folder, `.${entry.kind}.lock`);
      await withLock(lock, () => makeWhole(entry, make, options.onlyOne ?? false), options.onWait);
    } catch (error) {
      throw explainWriteFailure(error, entry.folder);
    }
  }
  return target;
}

async function makeWhole(entry: CacheEntry, make: (partial: string) => Promise<void>, onlyOne: boolean): Promise<void> {
  const target = cachePath(entry);
  if (await exists(target)) {
    return;
  }
  const partial = `${target}.partial`;
  await removeAll(entry, /\.partial$/);
  try {
    await make(partial);
    if (onlyOne) {
      await removeAll(entry, /^(?!.*\.partial$)/);
    }
    await fs.rename(partial, target);
  } finally {
    await fs.rm(partial, { recursive: true, force: true });
  }
}

/** Removes the entries of a kind whose names match. Only under the kind's lock: others may be at work on them. */
async function removeAll({ folder, kind }: CacheEntry, pattern: RegExp): Promise<void> {
  const names = (await fs.readdir(folder)).filter((name) => isOfKind(name, kind) && pattern.test(name));
  await Promise.all(names.map((name) => fs.rm(path.join(folder, name), { recursive: true, force: true })));
}

function isOfKind(name: string, kind: string): boolean {
  const rest = name.startsWith(`${kind}-`) ? name.slice(kind.length + 1) : "";
  return new RegExp(`^[0-9a-f]{${keyLength}}(\\.partial)?$`).test(rest);
}

export async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}
