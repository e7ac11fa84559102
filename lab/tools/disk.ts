import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../errors";
import { CommandError } from "./command";

/** What work is going to write into a folder, which need not exist yet. */
export interface SpaceNeed {
  folder: string;
  gigabytes: number;
}

const gigabyte = 1e9;

/** Refuses long work for which a disk has not enough room; needs on the same disk are added up. */
export async function requireSpace(needs: readonly SpaceNeed[], purpose: string): Promise<void> {
  const disks = new Map<number, SpaceNeed & { free: number }>();
  for (const { folder, gigabytes } of needs) {
    const existing = await nearestExisting(folder);
    const { dev } = await fs.stat(existing);
    const { bavail, bsize } = await fs.statfs(existing);
    const sum = (disks.get(dev)?.gigabytes ?? 0) + gigabytes;
    disks.set(dev, { folder, gigabytes: sum, free: (bavail * bsize) / gigabyte });
  }
  for (const { folder, gigabytes, free } of disks.values()) {
    if (free < gigabytes) {
      throw new LabError(
        `The disk of ${folder} has ${free.toFixed(1)} GB free, but ${purpose} needs about ${gigabytes.toFixed(1)} GB ` +
          "there; free some, or choose other disks with ISTIO_EGRESS_CACHE, GOCACHE and GOMODCACHE",
      );
    }
  }
}

/** A sentence in place of the system's code, for the failures of writing that a reader can do something about. */
export function explainWriteFailure(error: unknown, folder: string): unknown {
  const full = new LabError(
    `The disk of ${folder} is full; free some space, or choose another disk for the cache with ISTIO_EGRESS_CACHE`,
  );
  if (error instanceof CommandError) {
    return /no space left on device/i.test(error.stderr) ? full : error;
  }
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOSPC":
      return full;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new LabError(
        `${folder} cannot be written; run as root, or choose another folder for the cache with ISTIO_EGRESS_CACHE`,
      );
    default:
      return error;
  }
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await fs.access(folder).then(
    () => true,
    () => false,
  );
  return found || path.dirname(folder) === folder ? folder : nearestExisting(path.dirname(folder));
}
