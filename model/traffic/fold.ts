import { checkWildcard, isShared } from "../config/wildcard";
import { groupedBy, sortedUnique } from "../ground/order";

/** Names directly below one domain from which on they are near: with fewer, the names say more than a wildcard. */
const leastNear = 3;

/** Names with a wildcard in the place of near ones. */
export interface Folded {
  /** Sorted. */
  hosts: string[];
  /** The names that a wildcard stands for, by the wildcard. */
  folded: Map<string, string[]>;
}

/**
 * Puts a wildcard in the place of names that differ in their first label only. Never below a public suffix, neither of
 * registries nor of services that give names to their customers, as `github.io`.
 *
 * @param isTaken whether another destination has a wildcard, or must keep what is below: its names stay as they are
 */
export function foldNames(hosts: readonly string[], isTaken: (wildcard: string) => boolean): Folded {
  const folded = new Map(
    [...groupedBy(hosts, (host) => `*${host.slice(host.indexOf("."))}`)].filter(
      ([wildcard, names]) => names.length >= leastNear && !isTaken(wildcard) && isOneOwners(wildcard),
    ),
  );
  const gone = new Set([...folded.values()].flat());
  return { hosts: sortedUnique([...folded.keys(), ...hosts.filter((host) => !gone.has(host))]), folded };
}

function isOneOwners(wildcard: string): boolean {
  return wildcard.startsWith("*.") && "host" in checkWildcard(wildcard) && !isShared(wildcard);
}
