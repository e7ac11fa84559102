import { LogEntry, LogPlace, parseEntry, parseRefusedName, RefusedName } from "../../model/access-log";
import { proxyContainer } from "../../model/ground/names";

/** How far back a pod's log is read; all of it unless something says otherwise. */
export interface LogLimits {
  /** As kubectl takes it: `10m`, `1h30m`. */
  since?: string;
  /** Lines at the end of each pod's log, those that are no decisions counted too. */
  tail?: number;
  /** ISO 8601; not together with `since`. */
  sinceTime?: string;
}

/** Pods whose logs are read at a time: each takes a kubectl. */
export const podsAtOnce = 16;

/** The container of the stack's resolver. */
const resolverContainer = "coredns";

/** Arguments for kubectl to show the log of a pod's proxy, or of the resolver, each line behind the time at which the node took it. */
export function logArguments({ namespace, pod, callers }: LogPlace, limits: LogLimits): string[] {
  const { since, tail, sinceTime } = limits;
  const container = callers === undefined ? proxyContainer : resolverContainer;
  return [
    ...["logs", pod, "--namespace", namespace, "--container", container, "--timestamps"],
    ...(since === undefined ? [] : [`--since=${since}`]),
    ...(tail === undefined ? [] : [`--tail=${tail}`]),
    ...(sinceTime === undefined ? [] : [`--since-time=${sinceTime}`]),
  ];
}

/** A line of `kubectl logs --timestamps`; undefined where it holds no entry. Stamps of one pod sort as texts. */
export function stampedLine(line: string): { stamp: string; entry: LogEntry | RefusedName } | undefined {
  const blank = line.indexOf(" ");
  const [stamp, text] = [line.slice(0, blank), line.slice(blank + 1)];
  const entry = parseEntry(text) ?? parseRefusedName(text, stamp);
  return entry === undefined ? undefined : { stamp, entry };
}
