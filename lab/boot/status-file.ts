import * as fs from "node:fs";
import * as path from "node:path";
import { stateFolder } from "../paths";
import { ProcessIdentity } from "./processes";

export type PartState = "waiting" | "starting" | "ready" | "done" | "restarting" | "failed";

export interface PartStatus {
  state: PartState;
  process?: ProcessIdentity;
  /** Seconds after the supervisor's start at which the part was first ready or done. */
  readyAfter?: number;
  restarts: number;
}

/** What the supervisor says of itself and its parts, on disk for everybody to read. */
export interface LabStatusFile {
  supervisor: ProcessIdentity;
  phase: "booting" | "ready" | "failed";
  /** Why the boot failed. */
  error?: string;
  parts: Record<string, PartStatus>;
}

export const statusFile = path.join(stateFolder, "status.json");

/** Written beside and renamed, so that a reader never sees half of it. */
export function writeStatusFile(file: string, status: LabStatusFile): void {
  fs.writeFileSync(`${file}.new`, JSON.stringify(status, undefined, 2));
  fs.renameSync(`${file}.new`, file);
}

/** @returns undefined when there is none, which is when nothing was booted */
export function readStatusFile(): LabStatusFile | undefined {
  try {
    return JSON.parse(fs.readFileSync(statusFile, "utf8")) as LabStatusFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
