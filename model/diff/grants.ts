import { factsOf } from "../config/traits/told";
import { StackConfig } from "../config/types";
import { grantsOf, spokenTo, Target } from "../grants";
import { isWildcard, selfAndWildcards } from "../ground/hosts";
import { namespaceKey, namespaceOf } from "../ground/names";
import { sortedUnique } from "../ground/order";
import { Grant, GrantChange } from "./types";
import { canonicalText } from "./values";

/**
 * Who may reach what, host by host, where it differs. How hosts are put together into destinations plays no part:
 * a destination that is renamed or split gives nothing and takes nothing.
 */
export function grantChanges(before: StackConfig, after: StackConfig): GrantChange[] {
  const below = namesBelowWildcards(before, after);
  const [was, is] = [meantGrants(before, below), meantGrants(after, below)];
  // A client is granted a host once at most: so no host of a grant that both sides have can differ, and few grants do.
  const old = hostGrants([...was].flatMap(([key, grant]) => (is.has(key) ? [] : [grant])));
  const now = hostGrants([...is].flatMap(([key, grant]) => (was.has(key) ? [] : [grant])));
  const differs = (sides: Sides) => sides.before?.meaning !== sides.after?.meaning;
  const sidesOf = (key: string): Sides => ({ before: old.get(key), after: now.get(key) });
  return sortedUnique([...old.keys(), ...now.keys()])
    .map(sidesOf)
    .filter((sides) => differs(sides) && !isToldByWildcard(sides, sidesOf))
    .map((sides) => {
      const { from, host } = (sides.before ?? sides.after)!;
      const widens =
        sides.before === undefined ? (below.get(host) ?? []).filter((name) => reaches(before, from, name)) : [];
      return {
        from,
        host,
        ...(sides.before === undefined ? {} : { before: sides.before.grant }),
        ...(sides.after === undefined ? {} : { after: sides.after.grant }),
        ...(widens.length === 0 ? {} : { widens }),
        ...byNamespace(sides, { before, after }),
      };
    });
}

/** Whether a workload may call an external host. */
function reaches(config: StackConfig, from: string, host: string): boolean {
  const { meaning, between, denied } = grantsOf(config);
  const meant = meaning(host);
  return meant.kind === "destination" && between(from, meant.target.name) !== undefined && !denied(host);
}

/** What a workload's namespace is granted on the side on which it has no grant itself. */
function byNamespace(
  { before, after }: Sides,
  configs: { before: StackConfig; after: StackConfig },
): Pick<GrantChange, "byNamespace"> {
  if (before !== undefined && after !== undefined) {
    return {};
  }
  const { from, host } = (before ?? after)!;
  const [here, elsewhere] = before === undefined ? [configs.after, configs.before] : [configs.before, configs.after];
  const everyone = namespaceKey(namespaceOf(from));
  const isReached =
    from !== everyone && reaches(elsewhere, everyone, host) && wayTo(elsewhere, host) === wayTo(here, host);
  return isReached ? { byNamespace: everyone } : {};
}

/** What a grant of a host has from its destination, as a text; undefined for what no destination holds. */
function wayTo(config: StackConfig, host: string): string | undefined {
  const meant = grantsOf(config).meaning(host);
  return meant.kind === "destination" ? canonicalText(describe(meant.target)) : undefined;
}

interface Sides {
  before?: HostGrant;
  after?: HostGrant;
}

/** Whether a name changes as the wildcard does that it is granted by: then one line tells of both. */
function isToldByWildcard(sides: Sides, sidesOf: (key: string) => Sides): boolean {
  const { from, host, by } = (sides.after ?? sides.before)!;
  const wildcard = sidesOf(`${from} ${by}`);
  return (
    by !== host &&
    [sides.before, sides.after].every((side) => side === undefined || side.by === by) &&
    wildcard.before?.meaning === sides.before?.meaning &&
    wildcard.after?.meaning === sides.after?.meaning
  );
}

/** By wildcard, every host that either side lists below it, or denies. */
function namesBelowWildcards(...configs: StackConfig[]): Map<string, string[]> {
  const hosts = configs.flatMap(({ destinations }) => destinations.flatMap(({ hosts }) => hosts));
  const names = new Set([...hosts, ...configs.flatMap(({ deny }) => deny.map(({ host }) => host))]);
  const below = new Map([...names].filter(isWildcard).map((wildcard): [string, string[]] => [wildcard, []]));
  for (const name of below.size === 0 ? [] : sortedUnique(names)) {
    for (const wildcard of selfAndWildcards(name).filter((each) => each !== name)) {
      below.get(wildcard)?.push(name);
    }
  }
  return below;
}

/** Changes of one workload that are alike but for the host: what one line of a review speaks of. */
export interface GrantGroup extends Omit<GrantChange, "host"> {
  /** Sorted, one at least. */
  hosts: string[];
}

/** Sorted by workload, then by the first host. */
export function groupGrants(changes: GrantChange[]): GrantGroup[] {
  const groups = new Map<string, GrantGroup>();
  for (const { host, ...change } of changes) {
    const key = canonicalText(change)!;
    const group = groups.get(key) ?? { ...change, hosts: [] };
    group.hosts.push(host);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What a change adds to how a workload may call the hosts: protocols, and other ports as `5432/tcp`. */
export function gainedProtocols({ before, after }: Pick<GrantChange, "before" | "after">): string[] {
  return (after?.protocols ?? []).filter((protocol) => !before?.protocols.includes(protocol));
}

interface MeantGrant {
  from: string;
  held: readonly Held[];
  grant: Grant;
  /** The grant's meaning as a text, which equal grants have in common. */
  meaning: string;
}

type HostGrant = Omit<MeantGrant, "held"> & Held;

/** A host that a destination has, and what it is listed as there: itself, or the wildcard that it is below. */
interface Held {
  host: string;
  by: string;
}

/**
 * Every grant, by all that it means.
 *
 * @param below names that are granted by a wildcard, unless they are another destination's
 */
function meantGrants(config: StackConfig, below: ReadonlyMap<string, string[]>): Map<string, MeantGrant> {
  const { all, meaning: meaningOf, denied } = grantsOf(config);
  const isHeld = (name: string, by: string, target: Target) => {
    const meant = meaningOf(name);
    return meant.kind === "destination" && meant.target === target && meant.listed === by && !denied(name);
  };
  const heldBy = (target: Target): Held[] =>
    target.hosts.flatMap((by) => [
      { host: by, by },
      ...(below.get(by) ?? []).filter((name) => isHeld(name, by, target)).map((host) => ({ host, by })),
    ]);
  const known = new Map<Target, { held: Held[]; text: string }>();
  const heldOnce = (target: Target) => {
    const held = heldBy(target);
    const found = { held, text: held.map(({ host, by }) => (host === by ? host : `${host}<${by}`)).join(" ") };
    known.set(target, found);
    return found;
  };
  return new Map(
    all.map(({ client, target, rule }) => {
      const { from: _, to: __, path: ___, ...conditions } = rule;
      const grant: Grant = { ...describe(target), ...conditions };
      const meaning = canonicalText(grant)!;
      const { held, text } = known.get(target) ?? heldOnce(target);
      return [`${client.key} ${text} ${meaning}`, { from: client.key, held, grant, meaning }] as const;
    }),
  );
}

/** Grants by client and host. */
function hostGrants(grants: MeantGrant[]): Map<string, HostGrant> {
  return new Map(
    grants.flatMap(({ held, ...grant }) =>
      held.map((each) => [`${grant.from} ${each.host}`, { ...grant, ...each }] as const),
    ),
  );
}

function describe(target: Target): Grant {
  if (target.kind === "destination") {
    return { protocols: spokenTo(target), ...factsOf(target.config) };
  }
  const { addresses, ports, via, clientMtls } = target.config;
  const mtls = clientMtls === "mesh" ? { clientMtls } : {};
  return { protocols: spokenTo(target), via, addresses, ports, ...mtls };
}
