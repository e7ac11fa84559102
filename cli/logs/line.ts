import { LogEntry, LogPlace, parseEntry } from "../../model/access-log";

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

/** What the injector calls the container that a proxy runs in, a gateway's and a sidecar. */
const proxyContainer = "istio-proxy";

/** Arguments for kubectl to show the log of a pod's proxy, each line behind the time at which the node took it. */
export function logArguments({ namespace, pod }: LogPlace, limits: LogLimits): string[] {
  const { since, tail, sinceTime } = limits;
  return [
    ...["logs", pod, "--namespace", namespace, "--container", proxyContainer, "--timestamps"],
    ...(since === undefined ? [] : [`--since=${since}`]),
    ...(tail === undefined ? [] : [`--tail=${tail}`]),
    ...(sinceTime === undefined ? [] : [`--since-time=${sinceTime}`]),
  ];
}

/** A line of `kubectl logs --timestamps`; undefined where it holds no entry. Stamps of one pod sort as texts. */
export function stampedLine(line: string): { stamp: string; entry: LogEntry } | undefined {
  const blank = line.indexOf(" ");
  const entry = parseEntry(line.slice(blank + 1));
  return entry === undefined ? undefined : { stamp: line.slice(0, blank), entry };
}
