import * as fs from "node:fs";
import { LabError } from "../errors";
import { stateFolder } from "../paths";
import { identify, isAlive, ProcessIdentity } from "./supervisor-process";

/**
 * A machine has room for one lab: its network namespaces have fixed names. This file says whose they are,
 * and what to put back when they go.
 */
const ownerFile = "/run/istio-egress-lab.json";

export interface Owner {
  stateFolder: string;
  /** The command that is bringing the lab up or taking it down; gone when that is over. */
  busy?: ProcessIdentity;
  /** The network namespaces are the lab's: it made them, or was about to. */
  networkMade: boolean;
  /** Folders that were made so that something could be mounted there. */
  madeFolders: string[];
  /** Settings of the kernel that the kubelet changes, as they were before. */
  kernelSettings: Record<string, string>;
}

/** What an owner has when nothing of its lab is there. */
export const nothingMade: Omit<Owner, "stateFolder" | "busy"> = {
  networkMade: false,
  madeFolders: [],
  kernelSettings: {},
};

export function readOwner(): Owner | undefined {
  if (!fs.existsSync(ownerFile)) {
    return undefined;
  }
  return JSON.parse(fs.readFileSync(ownerFile, "utf8")) as Owner;
}

export function writeOwner(owner: Owner): void {
  fs.writeFileSync(`${ownerFile}.new`, JSON.stringify(owner, undefined, 2), { mode: 0o600 });
  fs.renameSync(`${ownerFile}.new`, ownerFile);
}

export function forgetOwner(): void {
  fs.rmSync(ownerFile, { force: true });
}

/**
 * Takes the machine's one place for a lab, or keeps it, for the time of `work`.
 * @throws LabError when a lab with another state folder has it, or another command is at work on this one
 */
export async function holdingPlace<T>(work: (owner: Owner) => Promise<T>): Promise<T> {
  const owner: Owner = readOwner() ?? { stateFolder, ...nothingMade };
  if (owner.stateFolder !== stateFolder) {
    throw new LabError(
      `Another lab has this machine, with its state in ${owner.stateFolder}: take it down first with \`ISTIO_EGRESS_STATE=${owner.stateFolder} npx egress lab down\`.`,
    );
  }
  if (owner.busy !== undefined && isAlive(owner.busy)) {
    throw new LabError(
      `Another command is at work on the lab (process ${owner.busy.pid}): wait for its end and try again.`,
    );
  }
  owner.busy = identify(process.pid);
  writeOwner(owner);
  try {
    return await work(owner);
  } finally {
    // Whoever took the lab down has taken the file with it.
    if (fs.existsSync(ownerFile)) {
      writeOwner({ ...owner, busy: undefined });
    }
  }
}
