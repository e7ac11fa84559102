import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import * as fs from "node:fs/promises";
import type { Header, Pack } from "tar-stream";
import { type Bytes, fill, fixedTime, packed } from "./archive";

interface Owned {
  /** Path in the image, without a leading slash. */
  path: string;
  /** @default 0o755 */
  mode?: number;
  /** User and group. @default 0 */
  owner?: number;
}

export type DirectoryEntry = Owned & { type: "directory" };
/** A symbolic link. */
export type LinkEntry = Owned & { type: "link"; target: string };
/** A file with this text, or with the bytes of a file of this machine. */
export type FileEntry = Owned & { type: "file" } & ({ content: string } | { source: string });
export type LayerEntry = DirectoryEntry | LinkEntry | FileEntry;

/** What one layer of an image holds: entries that are written in their order, or a tar that is made already. */
export type Layer = { name: string } & ({ entries: readonly LayerEntry[] } | { tar: string });

const blockSize = 512;
const nameLimit = 100;

/** Bytes of a layer's tar, known before it is written. */
export async function layerSize(layer: Layer): Promise<number> {
  if ("tar" in layer) {
    return (await fs.stat(layer.tar)).size;
  }
  const sizes = await Promise.all(layer.entries.map(contentSize));
  return sizes.reduce((sum, size) => sum + blockSize + padded(size), 2 * blockSize);
}

/** A layer's tar. */
export function layerBytes(layer: Layer): Bytes {
  return "tar" in layer
    ? createReadStream(layer.tar)
    : packed(async (tar) => {
        for (const entry of layer.entries) {
          await writeEntry(tar, entry);
        }
      });
}

/** Passes bytes on, and calls `onEnd` with their digest, `sha256:…`, which for a layer is the image's diff id. */
export async function* digested(bytes: Bytes, onEnd: (digest: string) => void): Bytes {
  const hash = createHash("sha256");
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  onEnd(`sha256:${hash.digest("hex")}`);
}

/** Writes one entry, with the fixed time, into a tar that is being packed. */
export async function writeEntry(tar: Pack, entry: LayerEntry): Promise<void> {
  const header: Partial<Header> & Pick<Header, "name"> = {
    name: entry.path,
    mode: entry.mode ?? 0o755,
    uid: entry.owner ?? 0,
    gid: entry.owner ?? 0,
    mtime: fixedTime,
  };
  if (Buffer.byteLength(entry.path) >= nameLimit) {
    throw new Error(`${entry.path} is too long for a plain tar header, whose size is known before`);
  }
  switch (entry.type) {
    case "directory":
      tar.entry({ ...header, type: "directory" });
      return;
    case "link":
      tar.entry({ ...header, type: "symlink", linkname: entry.target });
      return;
    case "file":
      if ("content" in entry) {
        tar.entry({ ...header, type: "file" }, entry.content);
      } else {
        const size = await contentSize(entry);
        await fill(tar.entry({ ...header, type: "file", size }), createReadStream(entry.source));
      }
  }
}

async function contentSize(entry: LayerEntry): Promise<number> {
  if (entry.type !== "file") {
    return 0;
  }
  return "source" in entry ? (await fs.stat(entry.source)).size : Buffer.byteLength(entry.content);
}

function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}
