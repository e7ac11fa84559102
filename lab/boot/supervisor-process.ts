import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LabError } from "../errors";
import { state, stateFolder } from "../paths";
import { network } from "../topology";
import { BootPlan, bootTimeoutSeconds, labProgram } from "./boot-plan";
import { joinControlGroup } from "./cgroups";
import { namespacePath } from "./network";
import { readStatusFile } from "./status";

/** Starts the supervisor as a process that outlives this one, among the lab's own. */
export async function startSupervisor(plan: BootPlan): Promise<void> {
  const planFile = path.join(stateFolder, "boot-plan.json");
  fs.writeFileSync(planFile, JSON.stringify(plan, undefined, 2));
  const program = await labProgram("supervisor");
  const log = fs.openSync(path.join(state.logs, "supervisor.log"), "a");
  const argv = [
    `--net=${namespacePath(network.lab.namespace)}`,
    "--",
    ...["unshare", "--mount", "--propagation", "private", "--"],
    // It waits for a line before it becomes the supervisor: by then it is in the lab's control group.
    ...["sh", "-c", 'read -r go && exec "$@"', "supervisor", process.execPath, program, planFile],
  ];
  const child = spawn("nsenter", argv, { detached: true, stdio: ["pipe", log, log], cwd: "/" });
  fs.closeSync(log);
  joinControlGroup(child.pid!);
  child.stdin!.end("go\n");
  child.unref();
}

/** @throws LabError that says which part did not come up, and what it said last */
export async function untilUp(report: (detail: string) => void): Promise<void> {
  const giveUp = Date.now() + (bootTimeoutSeconds + 10) * 1000;
  while (Date.now() < giveUp) {
    const status = readStatusFile();
    if (status?.phase === "ready") {
      return;
    }
    if (status?.phase === "failed") {
      throw new LabError(`The lab did not come up: ${status.error}`);
    }
    const missing = Object.entries(status?.parts ?? {}).filter(([, part]) => !["ready", "done"].includes(part.state));
    report(`waiting for ${missing.map(([name]) => name).join(", ") || "the supervisor"}`);
    await delay(100);
  }
  const log = fs.readFileSync(path.join(state.logs, "supervisor.log"), "utf8").trim();
  throw new LabError(`The lab did not come up: its supervisor gave no sign of life. ${log.slice(-400)}`);
}

/** A process beyond doubt: the kernel gives an id to another process in time, but never with the same start. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks between the machine's start and the process's, as /proc/PID/stat says. */
  started: string;
}

/** @returns undefined when there is no such process, or only its unreaped remains */
export function identify(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the command's name in parentheses and may hold spaces; what follows its end is regular.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [processState, started] = [fields[0], fields[19]];
  return processState === "Z" || started === undefined ? undefined : { pid, started };
}

export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.started === process.started;
}

/** Bytes of memory that a process holds resident, 0 when it is gone. */
export function residentBytes(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}
