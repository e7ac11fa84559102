import { StackConfig } from "../config/types";
import { grantsOf, spokenTo, Target } from "../grants";
import { sortedUnique } from "../ground/order";
import { defaultIdle } from "../ground/timeouts";
import { Grant, GrantChange } from "./types";
import { canonicalText } from "./values";

/**
 * Who may reach what, host by host, where it differs. How hosts are put together into destinations plays no part:
 * a destination that is renamed or split gives nothing and takes nothing.
 */
export function grantChanges(before: StackConfig, after: StackConfig): GrantChange[] {
  const [was, is] = [meantGrants(before), meantGrants(after)];
  // A client is granted a host once at most: so no host of a grant that both sides have can differ, and few grants do.
  const old = hostGrants([...was].flatMap(([key, grant]) => (is.has(key) ? [] : [grant])));
  const now = hostGrants([...is].flatMap(([key, grant]) => (was.has(key) ? [] : [grant])));
  return sortedUnique([...old.keys(), ...now.keys()])
    .map((key) => ({ before: old.get(key), after: now.get(key) }))
    .filter((sides) => sides.before?.meaning !== sides.after?.meaning)
    .map((sides) => {
      const { from, host } = (sides.before ?? sides.after)!;
      return {
        from,
        host,
        ...(sides.before === undefined ? {} : { before: sides.before.grant }),
        ...(sides.after === undefined ? {} : { after: sides.after.grant }),
      };
    });
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
  hosts: readonly string[];
  grant: Grant;
  /** The grant's meaning as a text, which equal grants have in common. */
  meaning: string;
}

type HostGrant = Omit<MeantGrant, "hosts"> & { host: string };

/** Every grant, by all that it means. */
function meantGrants(config: StackConfig): Map<string, MeantGrant> {
  const textOf = new Map<Target, string>();
  return new Map(
    grantsOf(config).all.map(({ client, target, rule }) => {
      const { from: _, to: __, path: ___, ...conditions } = rule;
      const grant: Grant = { ...describe(target), ...conditions };
      const meaning = canonicalText(grant)!;
      const hosts = textOf.get(target) ?? target.hosts.join(" ");
      textOf.set(target, hosts);
      return [`${client.key} ${hosts} ${meaning}`, { from: client.key, hosts: target.hosts, grant, meaning }] as const;
    }),
  );
}

/** Grants by client and host. */
function hostGrants(grants: MeantGrant[]): Map<string, HostGrant> {
  return new Map(
    grants.flatMap(({ hosts, ...grant }) =>
      hosts.map((host) => [`${grant.from} ${host}`, { ...grant, host }] as const),
    ),
  );
}

function describe(target: Target): Grant {
  if (target.kind === "destination") {
    const { idle } = target.config.timeouts ?? {};
    return { protocols: spokenTo(target), ...(idle === undefined || idle === defaultIdle ? {} : { idle }) };
  }
  const { addresses, ports, via, clientMtls } = target.config;
  const mtls = clientMtls === "mesh" ? { clientMtls } : {};
  return { protocols: spokenTo(target), via, addresses, ports, ...mtls };
}
