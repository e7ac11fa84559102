import { sortedNumbers } from "../ground/order";
import { isPublic } from "../config/addresses";
import { dialledInstead, heldTo, openedRanges, opensTls } from "../config/traits/told";
import { gatewayNames } from "../config/gateway-of";
import { besideConfigOf, DirectConfig, directTable, Opened } from "../config/direct";
import { ClusterConfig, DestinationConfig, OutsideConfig, StackConfig } from "../config/types";
import { addressesName } from "../ground/addresses";
import { asRange } from "../ground/cidr";
import { DirectKind } from "../ground/direct";
import { serviceHost } from "../ground/names";
import { ExternalPort, isConnect, portText, sortedPorts } from "../ground/ports";
import { defaultPort, PortProtocol, Protocol, protocols } from "../ground/protocols";

/** One way in which a target is called: a host by one protocol on one port. */
export interface Way {
  host: string;
  /** On a port of the destination's own it tells what is spoken there, and not what may pass. */
  protocol: PortProtocol;
  port: number;
}

/** External hosts that are granted together, behind a gateway. */
export interface DestinationTarget {
  kind: "destination";
  name: string;
  /** Name of the gateway that lets its clients through. */
  gateway: string;
  /** What is called: names and wildcards, or addresses and ranges; sorted. */
  hosts: readonly string[];
  /** Each host by each of its protocols. */
  ways: readonly Way[];
  config: DestinationConfig;
}

/** A Service without a selector: private addresses beside the mesh, which no gateway leads to. */
export interface BesideTarget {
  kind: "beside";
  name: string;
  /** Its one name in the cluster. */
  hosts: readonly string[];
  /** The name by each protocol that its ports speak. */
  ways: readonly Way[];
  config: OutsideConfig;
  /** What NetworkPolicies open for a client's pods. */
  opened: readonly Opened[];
  /** Of the cluster's own what it is; absent for a service that is the stack's to name. */
  direct?: DirectKind;
}

/** What a rule may grant: the name of either stands in its `to`. */
export type Target = DestinationTarget | BesideTarget;

/** Every target of a configuration, granted or not, by its name; destinations first, each kind sorted by name. */
export function targetsOf(config: StackConfig): Map<string, Target> {
  const gatewayOf = gatewayNames(config);
  const targets = [
    ...config.destinations.map((destination) => destinationTarget(destination, gatewayOf(destination.name))),
    ...config.direct.map((direct) => directTarget(direct, config.cluster)),
    ...config.outside.map(besideTarget),
  ];
  return new Map(targets.map((target) => [target.name, target]));
}

function destinationTarget(config: DestinationConfig, gateway: string): DestinationTarget {
  const { name } = config;
  const hosts = config.addresses ?? config.hosts;
  const spoken = protocols.filter((protocol) => config.protocols.includes(protocol));
  const called = [...spoken.map((protocol) => ({ protocol, port: defaultPort(protocol) })), ...config.ports];
  const ways = hosts.flatMap((host) => called.map((way) => ({ host, ...way })));
  return { kind: "destination", name, gateway, hosts, ways, config };
}

function besideTarget(config: OutsideConfig): BesideTarget {
  const host = serviceHost(config.name, config.namespace);
  const ways = protocols.flatMap((protocol) => {
    const port = config.ports[protocol];
    return port === undefined ? [] : [{ host, protocol, port }];
  });
  return { kind: "beside", name: config.name, hosts: [host], ways, config, opened: [config] };
}

/** What the cluster has itself, as a service beside the mesh that is there already. */
function directTarget(direct: DirectConfig, cluster: ClusterConfig): BesideTarget {
  const { host, ports, opened } = directTable[direct.kind];
  const config = besideConfigOf(direct, cluster);
  const ways = protocols.flatMap((protocol) => {
    const port = ports[protocol];
    return port === undefined ? [] : [{ host, protocol, port }];
  });
  const { name, kind } = direct;
  return { kind: "beside", name, hosts: [host], ways, config, opened: opened(cluster), direct: kind };
}

/** What a target is spoken to in on the protocols' own ways, in the order of the protocol table. */
export function protocolsOf(target: Pick<Target, "kind" | "ways">): Protocol[] {
  return protocols.filter((protocol) =>
    target.ways.some((way) => way.protocol === protocol && !isByConnect(target, way)),
  );
}

/** How a target is called, in words that are told apart: `http`, `https`, and other ports as `5432/tcp`. */
export function spokenTo(target: Pick<Target, "kind" | "ways">): string[] {
  return [...protocolsOf(target), ...connectPorts(target).map(portText)];
}

/** The ports of a target on which gateways are asked by CONNECT, in the order of their numbers. */
export function connectPorts(target: Pick<Target, "kind" | "ways">): ExternalPort[] {
  const ports = target.ways.filter((way) => isByConnect(target, way));
  return sortedPorts(new Map(ports.map(({ port, protocol }) => [port, { port, protocol }])).values());
}

/** Whether a way is one of bytes, through a gateway that is asked by CONNECT. */
export function isByConnect({ kind }: Pick<Target, "kind">, way: Pick<Way, "protocol" | "port">): boolean {
  return kind === "destination" && isConnect(way);
}

/** Whether a way is one of requests, for which the gateway opens TLS. */
export function isOriginated(target: Target, { protocol, port }: Pick<Way, "protocol" | "port">): boolean {
  return (
    target.kind === "destination" && opensTls(target.config) && protocol === "http" && port === defaultPort("http")
  );
}

/** Whether a target is called by its addresses, through a gateway, and has no name. */
export function isByAddress(target: Target): target is DestinationTarget & { config: { addresses: string[] } } {
  return target.kind === "destination" && target.config.addresses !== undefined;
}

/** The names by which sidecars know a target's hosts; none where calls go past them. */
export function knownNames(target: Target): readonly string[] {
  return isPastSidecar(target) ? [] : isByAddress(target) ? [addressesName(target.name)] : target.hosts;
}

/** What of private networks a destination is reached in, in CIDR notation; none where all is public. */
export function privateRangesOf({ config }: DestinationTarget): string[] {
  return openedRanges(config) ?? privateAddresses(config);
}

/** The private ranges that its own names lead into, or that its addresses are of; none where gateways look no name up. */
export function heldRangesOf({ config }: DestinationTarget): string[] {
  return heldTo(config) ?? privateAddresses(config);
}

function privateAddresses({ addresses = [] }: DestinationConfig): string[] {
  return addresses.filter((each) => !isPublic(each)).map(asRange);
}

/** The ports on which a gateway dials a destination's hosts, or what it reaches them through; sorted. */
export function dialledPorts(target: DestinationTarget): number[] {
  const instead = dialledInstead(target.config);
  if (instead !== undefined) {
    return [instead];
  }
  const ports = target.ways.map((way) => (isOriginated(target, way) ? defaultPort("https") : way.port));
  return sortedNumbers(ports);
}

/** Whether a target is the cluster's own, and no gateway leads to it. */
export function isDirect(target: Target): target is BesideTarget & { direct: DirectKind } {
  return target.kind === "beside" && target.direct !== undefined;
}

/** Whether clients call a target by its addresses, past their sidecars. */
export function isPastSidecar(target: Target): target is BesideTarget {
  return target.kind === "beside" && target.config.via === "bypass";
}
