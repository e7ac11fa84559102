import * as fs from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { LabError } from "../errors";
import { stateFolder } from "../paths";
import { labProcesses, removeControlGroups } from "./cgroups";
import { restoreHost } from "./host";
import { removeNetwork } from "./network";
import { forgetOwner, holdingPlace, nothingMade, Owner, readOwner } from "./owner";

const patienceMilliseconds = 20_000;

/**
 * Takes the lab down from whatever state it is in, and everything of it away: processes, mounts, namespaces,
 * control groups, files. The cache of built tools stays.
 * @returns whether there was anything to take down
 */
export async function labDown(): Promise<boolean> {
  // A restart of the machine takes the note of whose lab it was, and leaves the files.
  if (readOwner() === undefined && !fs.existsSync(stateFolder)) {
    return false;
  }
  await holdingPlace(takeDown);
  return true;
}

/** The part of `labDown` for who holds the place already. */
export async function takeDown(owner: Owner): Promise<void> {
  await endProcesses();
  unmountState();
  removeControlGroups();
  if (owner.networkMade) {
    await removeNetwork();
  }
  restoreHost(owner);
  fs.rmSync(stateFolder, { recursive: true, force: true });
  Object.assign(owner, nothingMade);
  forgetOwner();
}

/** Kills at once: nothing of the lab is worth saving, and what a process could do at its end is done here. */
async function endProcesses(): Promise<void> {
  const giveUp = Date.now() + patienceMilliseconds;
  for (;;) {
    const left = labProcesses();
    if (left.length === 0) {
      return;
    }
    if (Date.now() > giveUp) {
      throw new LabError(
        `Processes of the lab do not end: ${left.join(", ")}. Look at them with \`ps\`, then try again.`,
      );
    }
    for (const pid of left) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
          throw error;
        }
      }
    }
    await delay(50);
  }
}

/** The node's mounts went with its mount namespace; any others below the state folder are somebody's shell's. */
function unmountState(): void {
  const mounted = fs
    .readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((mountPoint) => mountPoint.startsWith(`${stateFolder}/`));
  if (mounted.length > 0) {
    throw new LabError(
      `Something is mounted in the lab's state folder and not by the lab: unmount ${mounted.join(", ")}.`,
    );
  }
}
