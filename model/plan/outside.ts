import { asRange } from "../ground/cidr";
import { Manifest } from "../ground/manifest";
import { sortedUnique } from "../ground/order";
import { normalAddresses } from "../config/outside-service";
import { OutsideArgs, WaysBesideArgs } from "./args";
import { outsideChecks, outsideSense } from "./arguments/workloads";
import { requireArguments } from "./check";
import { commonLabels, sortManifests } from "./metadata";
import { serviceHost } from "../ground/names";
import { Protocol, protocols, protocolTable } from "../ground/protocols";
import { egressToAddresses } from "./network-policies";

/**
 * A service beside the mesh, by its addresses: a headless Service and an EndpointSlice give it a name, and a
 * NetworkPolicy opens its addresses for the pods that are granted it. With `via: service` a ServiceEntry lets their
 * sidecars know the name, and a DestinationRule has them call it without mutual TLS, which it does not speak.
 *
 * No gateway stands on this way, so no identity is asked for: what tells the workloads apart is their pods' label.
 *
 * @throws ArgumentError for what could mean another thing than it says
 */
export function planOutside(given: OutsideArgs): Manifest[] {
  requireArguments(`The service ${given.name}`, given, outsideChecks, outsideSense);
  const args = { ...given, addresses: normalAddresses(given.addresses) };
  return sortManifests([
    service(args),
    endpointSlice(args),
    ...(args.via === "service" ? throughSidecar(args) : []),
    ...(args.walled === false || args.clients === undefined ? [] : [openedFor(args, args.clients)]),
  ]);
}

/** A NetworkPolicy closes all that it does not open, and so is not for pods that no other one holds. */
function openedFor(args: OutsideArgs, clients: string[]): Manifest {
  return egressToAddresses(`egress-to-${args.name}`, {
    namespace: args.namespace,
    podSelector: { matchExpressions: [{ key: "app", operator: "In", values: sortedUnique(clients) }] },
    services: [outsideReach(args)],
  });
}

/** What opens the services beside the mesh that one workload is granted for its pods, whatever labels they have. */
export function planWaysBeside({ name, namespace, selector, services }: WaysBesideArgs): Manifest[] {
  const podSelector = { matchLabels: selector };
  return [egressToAddresses(`egress-of-${name}`, { namespace, podSelector, services: services.map(outsideReach) })];
}

/** The name under which a service beside the mesh is called. */
export function outsideHost({ name, namespace }: Pick<OutsideArgs, "name" | "namespace">): string {
  return serviceHost(name, namespace);
}

/** Where calls of a service beside the mesh go to: ranges in CIDR notation, and TCP ports. */
export function outsideReach(args: Pick<OutsideArgs, "addresses" | "ports">): { ranges: string[]; ports: number[] } {
  return { ranges: normalAddresses(args.addresses).map(asRange), ports: portsOf(args).map(({ port }) => port) };
}

/**
 * Gives the name to the cluster's DNS, and to no sidecar: every workload of the namespace imports its Services, and
 * this one is for those that are granted it.
 */
function service(args: OutsideArgs): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      ...metadata(args),
      annotations: { "networking.istio.io/exportTo": "~" },
    },
    spec: { clusterIP: "None", ports: portsOf(args) },
  };
}

/** The single addresses behind the name; ranges beside them are open, and have none. */
function endpointSlice(args: OutsideArgs): Manifest {
  const single = args.addresses.filter((address) => !address.includes("/"));
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...metadata(args), labels: { ...commonLabels(), "kubernetes.io/service-name": args.name } },
    addressType: "IPv4",
    endpoints: single.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: portsOf(args).map(({ name, port, protocol }) => ({ name, port, protocol })),
  };
}

/**
 * What the granted workloads' sidecars know. The ServiceEntry stands in the gateways' namespace, as those of outside
 * hosts do, so that a Sidecar can import it by its name for one workload and not for its neighbour.
 */
function throughSidecar(args: OutsideArgs): Manifest[] {
  const { namespace, addresses, clientMtls, gatewayNamespace } = args;
  const host = outsideHost(args);
  const entry: Manifest = {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: host, namespace: gatewayNamespace, labels: commonLabels() },
    spec: {
      hosts: [host],
      exportTo: [namespace],
      location: "MESH_EXTERNAL",
      ports: portsOf(args).map((port) => ({
        name: port.name,
        number: port.port,
        protocol: protocolTable[port.name].sidecar.protocol,
      })),
      resolution: "STATIC",
      endpoints: sortedUnique(addresses).map((address) => ({ address })),
    },
  };
  const plainText: Manifest = {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: metadata(args),
    spec: { host, exportTo: ["."], trafficPolicy: { tls: { mode: "DISABLE" } } },
  };
  return clientMtls === "mesh" ? [entry] : [entry, plainText];
}

interface ServicePort {
  name: Protocol;
  port: number;
  protocol: "TCP";
}

function portsOf({ ports }: Pick<OutsideArgs, "ports">): ServicePort[] {
  return protocols.flatMap((name) => {
    const port = ports[name];
    return port === undefined ? [] : [{ name, port, protocol: "TCP" as const }];
  });
}

function metadata({ name, namespace }: OutsideArgs): Manifest["metadata"] {
  return { name, namespace, labels: commonLabels() };
}
