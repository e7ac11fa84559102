import { Client as Grantee, connectPorts, DestinationTarget, endingsOf, Grants, reportedOf } from "../grants";
import { groupedBy, sortedBy, sortedUnique } from "../ground/order";
import { Client, DestinationArgs, GatewayArgs, MeshTraits, OutsideArgs, StackArgs } from "./args";
import { needsOf, GatewayNeeds } from "./needs";

/** What gateways and their destinations are given, by what is granted to somebody behind them. */

/** The targets that somebody is granted, sorted by name, with those who are. */
export function targetArgs(
  grants: Grants,
  {
    gatewayNamespace,
    mesh,
    walled,
    needs,
  }: { gatewayNamespace: string; mesh: MeshTraits; walled: Set<string>; needs: ReadonlyMap<string, GatewayNeeds> },
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

/** What is needed of a gateway by what is granted to somebody behind it. */
export function needsBehind(grants: Grants, gateway: string): GatewayNeeds {
  return needsOf(grantedBehind(grants, gateway), grants);
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
