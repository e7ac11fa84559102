import { selfAndAbove } from "../ground/hosts";
import { DenyEntry } from "./types";

/** Finds the entries of `deny` that hold a host in lower case, the one that is nearest to it first. */
export function denials(entries: readonly DenyEntry[]): (host: string) => DenyEntry[] {
  const byHost = new Map(entries.map((entry) => [entry.host, entry]));
  return (host) =>
    selfAndAbove(host).flatMap((name) => {
      const entry = byHost.get(name);
      return entry !== undefined && (entry.below || name === host) ? [entry] : [];
    });
}

/** An entry in one word or two: most hold the names below theirs, too. */
export function denyText({ host, below }: DenyEntry): string {
  return below ? host : `${host} only`;
}
