import { OutsideConfig, Protocol, StackConfig } from "../config/types";
import { sortedUnique } from "../ground/order";
import { outsideHost } from "../plan/outside";
import { Grant, GrantChange } from "./types";
import { canonicalText, sameValue } from "./values";

/**
 * Who may reach what, host by host, where it differs. How hosts are put together into destinations plays no part:
 * a destination that is renamed or split gives nothing and takes nothing.
 */
export function grantChanges(before: StackConfig, after: StackConfig): GrantChange[] {
  const [old, now] = [grantsOf(before), grantsOf(after)];
  return sortedUnique([...old.keys(), ...now.keys()])
    .map((key) => ({ before: old.get(key), after: now.get(key) }))
    .filter((sides) => !sameValue(sides.before?.grant, sides.after?.grant))
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

/** The protocols that a change adds to what a workload may speak with the hosts. */
export function gainedProtocols({ before, after }: Pick<GrantChange, "before" | "after">): Protocol[] {
  return (after?.protocols ?? []).filter((protocol) => !before?.protocols.includes(protocol));
}

/** Every grant by workload and host, which a configuration holds once at most. */
function grantsOf(config: StackConfig): Map<string, { from: string; host: string; grant: Grant }> {
  const destinations = new Map(config.destinations.map(({ name, ...rest }) => [name, rest]));
  const outside = new Map(config.outside.map((service) => [service.name, besideMesh(service)]));
  return new Map(
    config.allow.flatMap(({ from, to, path, ...conditions }) => {
      // parseConfig has seen to it that what a rule grants is there.
      const { hosts, ...kind } = (destinations.get(to) ?? outside.get(to))!;
      const grant = { ...kind, ...conditions };
      return hosts.map((host) => [`${from} ${host}`, { from, host, grant }] as const);
    }),
  );
}

function besideMesh(service: OutsideConfig): Grant & { hosts: string[] } {
  const { addresses, ports, via, clientMtls } = service;
  return {
    hosts: [outsideHost(service)],
    protocols: (["http", "https"] as const).filter((protocol) => ports[protocol] !== undefined),
    via,
    addresses,
    ports,
    ...(clientMtls === "mesh" ? { clientMtls } : {}),
  };
}
