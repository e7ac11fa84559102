import { wayOf } from "../ground/origination";
import { isPublic } from "../config/addresses";
import {
  Client as Grantee,
  connectPorts,
  DestinationTarget,
  dialledPorts,
  endingsOf,
  Grants,
  isByAddress,
  privateRangesOf,
  reportedOf,
} from "../grants";
import { isWildcard } from "../ground/hosts";
import { defined } from "../ground/objects";
import { groupedBy, sortedBy, sortedNumbers, sortedUnique } from "../ground/order";
import { longestIdle } from "../ground/timeouts";
import { Client, DestinationArgs, GatewayArgs, MeshTraits, OutsideArgs, StackArgs } from "./args";

/** What gateways and their destinations are given, by what is granted to somebody behind them. */

/** The targets that somebody is granted, sorted by name, with those who are. */
export function targetArgs(
  grants: Grants,
  {
    gatewayNamespace,
    mesh,
    walled,
    needs,
  }: { gatewayNamespace: string; mesh: MeshTraits; walled: Set<string>; needs: ReadonlyMap<string, Needs> },
): Pick<StackArgs, "destinations" | "outside"> {
  const destinations: DestinationArgs[] = [];
  const outside: OutsideArgs[] = [];
  for (const target of sortedBy(grants.targets.values(), ({ name }) => name)) {
    const clients = grants.to(target.name).map(({ client }) => client);
    if (clients.length === 0) {
      continue;
    }
    if (target.kind === "destination") {
      const gateway = {
        name: target.gateway,
        namespace: gatewayNamespace,
        mesh,
        ...needs.get(target.gateway),
      };
      destinations.push({
        ...target.config,
        ...whenAny("except", [...grants.excepted(target.name)]),
        clients: clients.map(identityOf),
        gateway,
      });
    } else if (target.direct === undefined) {
      const made = clients.flatMap(({ workload }) => (workload?.made === undefined ? [] : workload.name));
      outside.push({
        ...target.config,
        ...whenAny("clients", made),
        ...(walled.has(target.config.namespace) ? {} : { walled: false }),
        gatewayNamespace,
      });
    }
  }
  return { destinations, outside };
}

/** The wildcards that somebody is granted behind a gateway, sorted by destination. */
function wildcardsBehind(grants: Grants, gateway: string): Pick<GatewayArgs, "wildcards"> {
  const wildcards = grantedBehind(grants, gateway).flatMap(({ name, hosts }) =>
    hosts.filter(isWildcard).map((host) => ({ host, ...whenAny("except", [...grants.excepted(name)]) })),
  );
  return whenAny("wildcards", wildcards);
}

/** The access that ends by itself behind a gateway: what ends together is told together. */
export function endsBehind(grants: Grants, gateway: string): Pick<GatewayArgs, "ends"> {
  const ends = grantedBehind(grants, gateway).flatMap(({ name, hosts }) =>
    [...groupedBy(endingsOf(grants, name), ({ until }) => until)].map(([until, endings]) => ({
      destination: name,
      hosts: [...hosts],
      ...whenAny("except", [...grants.excepted(name)]),
      clients: withExceptions(endings),
      until,
    })),
  );
  return whenAny("ends", ends);
}

/** What is granted to somebody behind a gateway, as its counters tell it; the observer knows no destination. */
export function countedBehind(grants: Grants, gateway: string): Pick<GatewayArgs, "counts"> {
  const counts = grantedBehind(grants, gateway).map((target) => ({
    destination: target.name,
    hosts: [...target.hosts],
    protocols: target.config.protocols,
    ...whenAny(
      "ports",
      connectPorts(target).map(({ port }) => port),
    ),
    ...whenAny("reported", withExceptions(reportedOf(grants, target.name))),
  }));
  return { counts };
}

/** The destinations behind a gateway that somebody is granted, sorted by name. */
function grantedBehind({ targets, to }: Grants, gateway: string): DestinationTarget[] {
  return [...targets.values()].flatMap((target) =>
    target.kind === "destination" && target.gateway === gateway && to(target.name).length > 0 ? [target] : [],
  );
}

type Needs = Pick<
  GatewayArgs,
  "ports" | "idleTimeout" | "originates" | "privateHosts" | "timedHosts" | "wildcards" | "addresses" | "proxies"
>;

/** What is needed of a gateway by what is granted to somebody behind it: ports beside 80 and 443, and patience. */
export function needsOf(grants: Grants, gateway: string): Needs {
  const granted = grantedBehind(grants, gateway);
  const ports = sortedNumbers(granted.flatMap(connectPorts).map(({ port }) => port));
  const originates = granted.flatMap(({ name, hosts, config: { originate } }) =>
    originate === undefined ? [] : [{ destination: name, hosts: [...hosts], ...wayOf(originate) }],
  );
  const privateHosts = granted.flatMap((target) => {
    const { name, hosts, config } = target;
    const [ranges, ports] = [privateRangesOf(target), dialledPorts(target)];
    const led = isByAddress(target) ? hosts.filter((addresses) => !isPublic(addresses)) : [...hosts];
    return ranges.length === 0 || config.via !== undefined ? [] : [{ destination: name, hosts: led, ranges, ports }];
  });
  const timedHosts = granted.flatMap((target) => {
    const { name, hosts, config } = target;
    const { connect, request } = config.timeouts ?? {};
    return connect === undefined && request === undefined
      ? []
      : [
          {
            destination: name,
            hosts: [...hosts],
            ports: dialledPorts(target),
            ...defined({ connect, request }),
          },
        ];
  });
  const proxies = granted.flatMap(({ name, hosts, ways, config: { via } }) =>
    via === undefined
      ? []
      : [
          {
            destination: name,
            hosts: [...hosts],
            proxy: via.proxy,
            ...defined({ ranges: via.private }),
            ports: sortedNumbers(ways.map(({ port }) => port)),
          },
        ],
  );
  const idleTimeout = longestIdle(granted.map(({ config }) => config.timeouts));
  return {
    ...whenAny("ports", ports),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...whenAny("originates", originates),
    ...whenAny("privateHosts", privateHosts),
    ...whenAny("proxies", proxies),
    ...whenAny("addresses", sortedUnique(granted.flatMap((target) => (isByAddress(target) ? target.hosts : [])))),
    ...whenAny("timedHosts", timedHosts),
    ...wildcardsBehind(grants, gateway),
  };
}

/** The identity that a gateway asks for. */
export function identityOf({ namespace, workload }: Grantee): Client {
  return workload === undefined
    ? { namespace, everyServiceAccount: true }
    : { namespace, serviceAccount: workload.serviceAccount };
}

/** Identities, with those of whole namespaces that are not meant. */
function withExceptions(
  grantees: readonly { client: Grantee; but: readonly Grantee[] }[],
): (Client & { but?: string[] })[] {
  return grantees.map(({ client, but }) => ({
    ...identityOf(client),
    ...whenAny("but", sortedUnique(but.flatMap(({ workload }) => workload?.serviceAccount ?? []))),
  }));
}

/** A list under its name; nothing where it is empty. */
export function whenAny<K extends string, T>(key: K, values: T[]): { [P in K]?: T[] } {
  return values.length === 0 ? {} : ({ [key]: values } as { [P in K]?: T[] });
}
