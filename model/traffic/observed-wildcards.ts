import { StackConfig } from "../config/types";
import { grantsOf } from "../grants";
import { selfAndAbove } from "../ground/hosts";
import { groupedBy } from "../ground/order";
import { listNames } from "../ground/suggest";

/**
 * Rules for wildcards that no caller who is observed may have: its sidecar would lead every name below to the wildcard's
 * gateway, which refuses what is excepted, and observing refuses nothing. Configurations with such a rule are refused.
 *
 * @param proposed who is to be granted what beside, which may be what is excepted
 * @returns by caller and destination why not, as a sentence without a full stop
 */
export function refusedWhileObserved(
  config: StackConfig,
  proposed: Iterable<{ from: string; to: string }>,
): Map<string, string> {
  const grants = grantsOf(config);
  const wanted = new Map(
    [...proposed]
      .filter(({ from, to }) => grants.targets.has(to) && grants.between(from, to)?.rule.from !== from)
      .map(({ from, to }) => [`${from} ${to}`, { from, to }] as const),
  );
  const refused = new Map<string, string>();
  const isGranted = (from: string, host: string) => {
    const meaning = grants.meaning(host);
    return (
      grants.denied(host) === undefined &&
      meaning.kind === "destination" &&
      (grants.between(from, meaning.target.name) !== undefined || wanted.has(`${from} ${meaning.target.name}`))
    );
  };
  // One that is left out may be what another one excepts.
  for (let found = true; found;) {
    found = false;
    for (const [key, { from, to }] of wanted) {
      const excepted = grants.observed.has(from) ? grants.excepted(to).filter((host) => !isGranted(from, host)) : [];
      if (excepted.length > 0) {
        const names = listNames(excepted);
        refused.set(
          key,
          `it is observed, and a rule for "${to}" would have ${names} refused to it: learn again when it is enforced`,
        );
        found = wanted.delete(key);
      }
    }
  }
  return refused;
}

/** Whether names are below a domain other than those of a group: what a wildcard for it would except, or take. */
export function othersBelow(
  config: StackConfig,
  called: readonly string[],
): (domain: string, group: readonly string[]) => boolean {
  const counts = countedBelow([
    ...new Set([
      ...called,
      ...config.deny.map(({ host }) => host),
      ...config.destinations.flatMap(({ hosts }) => hosts),
    ]),
  ]);
  return (domain, group) => (counts.get(domain) ?? 0) > (countedBelow(group).get(domain) ?? 0);
}

function countedBelow(hosts: readonly string[]): Map<string, number> {
  const above = hosts.flatMap((host) => selfAndAbove(host).slice(1));
  return new Map([...groupedBy(above, (domain) => domain)].map(([domain, all]) => [domain, all.length]));
}
