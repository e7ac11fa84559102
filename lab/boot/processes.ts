import * as fs from "node:fs";

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
