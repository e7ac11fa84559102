import * as fs from "node:fs";
import * as path from "node:path";
import { state, stateFolder } from "../paths";
import { apiServerPort, network, versions } from "../topology";
import { labProcesses } from "./cgroups";
import { readOwner } from "./owner";
import { isAlive, ProcessIdentity, residentBytes } from "./supervisor-process";

export interface LabStatus {
  /** `down`: nothing there. `broken`: there is something, but not a lab that works; `error` says why. */
  state: "down" | "booting" | "ready" | "broken";
  error?: string;
  stateFolder: string;
  addresses: { apiServer: string; node: string; outside: string; clusterDns: string; outsideDns: string };
  versions: typeof versions;
  /** The `kubernetes` plugin that Pulumi has in the lab: the official one, or the lab's stand-in. */
  kubernetesPlugin?: string;
  parts: Record<string, PartStatus>;
  processes: number;
  /** Memory that all processes of the lab, pods included, hold resident; shared pages count once for each. */
  residentBytes: number;
}

export function labStatus(): LabStatus {
  const processes = readOwner() === undefined ? [] : labProcesses();
  return {
    ...overall(),
    stateFolder,
    addresses: {
      apiServer: `https://${network.lab.address}:${apiServerPort}`,
      node: network.lab.address,
      outside: network.outside.address,
      clusterDns: network.clusterDns,
      outsideDns: network.outsideDns,
    },
    versions,
    kubernetesPlugin: readIfThere(state.kubernetesPlugin),
    parts: readStatusFile()?.parts ?? {},
    processes: processes.length,
    residentBytes: processes.reduce((sum, pid) => sum + residentBytes(pid), 0),
  };
}

function overall(): Pick<LabStatus, "state" | "error"> {
  const owner = readOwner();
  if (owner === undefined) {
    return { state: "down" };
  }
  if (owner.stateFolder !== stateFolder) {
    return { state: "down", error: `Another lab has this machine, with its state in ${owner.stateFolder}.` };
  }
  const status = readStatusFile();
  const busy = owner.busy !== undefined && isAlive(owner.busy);
  if (status === undefined) {
    return busy ? { state: "booting" } : { state: "broken", error: "a boot was broken off" };
  }
  if (!isAlive(status.supervisor)) {
    return { state: "broken", error: "the supervisor is gone: nothing restarts parts that end" };
  }
  if (status.phase === "failed") {
    return { state: "broken", error: status.error };
  }
  const missing = Object.entries(status.parts).filter(([, part]) => !["ready", "done"].includes(part.state));
  return status.phase === "ready" && missing.length > 0
    ? { state: "broken", error: `being restarted: ${missing.map(([name]) => name).join(", ")}` }
    : { state: status.phase };
}

function readIfThere(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : undefined;
}

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
