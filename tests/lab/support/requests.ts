import * as fs from "node:fs";
import * as path from "node:path";
import { state } from "../../../lab/paths";
import { inLab, Result } from "./commands";

/** A workload's container to ask from. */
export interface Caller {
  namespace: string;
  workload: string;
  /** What to run it in, as kubectl names it. @default the Deployment of the workload's name */
  target?: string;
  /** The workload's own container unless it says otherwise. */
  container?: string;
}

export const appA: Caller = { namespace: "test-app", workload: "app-a" };
export const appB: Caller = { namespace: "test-app", workload: "app-b" };
export const hammer: Caller = { namespace: "istio-workload", workload: "hammer" };

/** Runs a command in a workload's container. */
export function execIn(caller: Caller, ...command: string[]): Result {
  const container = `--container=${caller.container ?? caller.workload}`;
  return inLab([
    "kubectl",
    "exec",
    `--namespace=${caller.namespace}`,
    caller.target ?? `deployment/${caller.workload}`,
    container,
    "--",
    ...command,
  ]);
}

export interface Answer {
  /** HTTP status, 0 when none came. */
  status: number;
  /** curl's own exit code. */
  exit: number;
  headers: Record<string, string>;
  body: string;
}

const mark = "\n--curl--";

/** Asks for a URL with curl from inside a workload's container; certificates are verified. */
export function curl(caller: Caller, url: string, ...options: string[]): Answer {
  const format = `${mark}%{http_code} %{exitcode} %{header_json}`;
  const { stdout } = execIn(caller, "curl", "--silent", "--max-time", "15", "--write-out", format, ...options, url);
  const at = stdout.lastIndexOf(mark);
  const parts = /^(\d+) (\d+) ([^]*)$/.exec(stdout.slice(at + mark.length));
  if (at < 0 || parts === null) {
    throw new Error(`curl in ${caller.workload} said nothing that can be read: ${stdout}`);
  }
  const headers = Object.entries(JSON.parse(parts[3]!) as Record<string, string[]>);
  return {
    status: Number(parts[1]),
    exit: Number(parts[2]),
    headers: Object.fromEntries(headers.map(([name, values]) => [name, values.join(", ")])),
    body: stdout.slice(0, at),
  };
}

/** A request as the outside world saw it. */
export interface SeenOutside {
  /** Address and port of who asked; nothing translates it on the way. */
  from: string;
  address: string;
  scheme: string;
  host: string;
  path: string;
}

/** The requests that reached the outside world with this path, which tells them from all others. */
export function seenOutside(requestPath: string): SeenOutside[] {
  return fs
    .readFileSync(path.join(state.logs, "outside.log"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as SeenOutside)
    .filter((request) => request.path === requestPath);
}
