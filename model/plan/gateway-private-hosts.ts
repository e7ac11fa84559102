import { heldRangesOf } from "../grants";
import { Manifest } from "../ground/manifest";
import { isAddresses } from "../ground/addresses";
import { inRegex } from "../ground/hosts";
import { externalPorts, gatewaySelector } from "../ground/names";
import { parseCidr, formatCidr, without } from "../ground/cidr";
import { sortedBy, sortedUnique } from "../ground/order";
import { connect } from "../ground/protocols";
import { Duration } from "../ground/timeouts";
import { GatewayArgs, TimedHosts, GatewayNeeds } from "./args";
import { clusterThatForwards, DnsCache, dnsCache, forwardingCluster, type } from "./gateway-envoy";
import { authorityRegex } from "./gateway-addresses";
import { GatewayPart, Piece, Routes } from "./gateway-part";
import { RefusingFilter, refusePrivateAnswers } from "./gateway-private-answers";
import { egressToAddresses } from "./network-policies";
import { openedRanges } from "./needs";

/**
 * Names that lead into private ranges. The NetworkPolicy of a gateway opens these to its pods, which forward to other hosts
 * too; so what tells hosts apart is where their names are looked up. Each destination with private ranges has a cache and
 * a cluster of its own, and routes of its hosts lead there; from every other cache, the answers of such ranges are taken
 * out, whichever place they have among others. So a name of another destination never leads into them, not even by its
 * second address.
 */
export interface Lookup {
  /** Name of the destination whose hosts they are; undefined for all that no other is for. */
  destination?: string;
  /** Name of the cluster that dials what is found there. */
  cluster: string;
  cache: DnsCache;
  /** Hosts that are looked up there; undefined for all that no other is for. */
  hosts?: string[];
  /** Ports that they are dialled on. */
  ports: number[];
  /** Name of the routes that lead there. */
  route: string;
  /** How long they may take to accept a connection. @default as all hosts */
  connectTimeout?: Duration | undefined;
  /** How long a request over http may take. @default as long as it takes */
  requestTimeout?: Duration | undefined;
  /** The filter that refuses what is found, if it leads where it may not. */
  refuse: (kind: "http" | "network") => RefusingFilter;
}

/** Where a gateway looks up whatever no other is for. */
export function sharedLookup(of: GatewayNeeds): Lookup {
  const taken = openedRanges(of);
  return {
    cluster: forwardingCluster,
    route: forwardingCluster,
    cache: dnsCache(forwardingCluster, taken),
    ports: [],
    refuse: (kind) => refusePrivateAnswers(kind, { isFiltered: taken.length > 0 }),
  };
}

/** A lookup that is for the hosts of one destination. */
export type OwnLookup = Lookup & Required<Pick<Lookup, "destination" | "hosts">>;

/**
 * Where a gateway looks up the hosts of destinations that have private ranges, or that it has a patience of its own for:
 * one for each, sorted by name. For patience alone it is the cache of all others, and another cluster.
 */
export function ownLookups(of: GatewayNeeds): OwnLookup[] {
  const { timedHosts = [] } = of;
  const timed = new Map(timedHosts.map((each) => [each.destination, each]));
  const privately = privateLookups(of).map((lookup) => ({ ...lookup, ...patience(timed.get(lookup.destination)) }));
  const known = new Set(privately.map(({ destination }) => destination));
  const shared = sharedLookup(of);
  const patiently = timedHosts
    .filter(({ destination }) => !known.has(destination))
    .map((each): OwnLookup => {
      const { destination, hosts, ports, connect } = each;
      const name = `timed-${destination}`;
      return {
        ...shared,
        destination,
        cluster: name,
        route: name,
        hosts: [...hosts].sort(),
        // Of requests only those in plain text are seen: other ports lead where all do, unless the host is waited for.
        ports: connect === undefined ? ports.filter((port) => port === externalPorts.http) : ports,
        ...patience(each),
      };
    });
  return sortedBy([...privately, ...patiently], ({ destination }) => destination);
}

function patience({ connect, request }: Partial<TimedHosts> = {}): Pick<Lookup, "connectTimeout" | "requestTimeout"> {
  return { connectTimeout: connect, requestTimeout: request };
}

function privateLookups(of: GatewayNeeds): OwnLookup[] {
  const { privateHosts = [] } = of;
  const every = openedRanges(of).map((range) => parseCidr(range)!);
  return sortedBy(privateHosts, ({ destination }) => destination).map(({ destination, hosts, ranges, ports }) => {
    const own = ranges.map((range) => parseCidr(range)!);
    const name = `private-${destination}`;
    return {
      destination,
      cluster: name,
      route: name,
      cache: dnsCache(name, sortedUnique(every.flatMap((range) => without(range, own)).map(formatCidr))),
      hosts: [...hosts].sort(),
      ports,
      refuse: (kind) => refusePrivateAnswers(kind, { ranges, isFiltered: true }),
    };
  });
}

/** Those that are dialled on a port which the predicate holds for. */
export function lookupsOn(of: GatewayNeeds, isOn: (port: number) => boolean): OwnLookup[] {
  // What is called by its address goes by CONNECT, whatever the port.
  return ownLookups(of).filter(({ hosts, ports }) =>
    hosts.some(isAddresses) ? isOn === isByConnect : ports.some(isOn),
  );
}

/** Whether a port is asked for by CONNECT. */
export function isByConnect(port: number): boolean {
  return port !== externalPorts.http && port !== externalPorts.tls;
}

/** Their own routes, by the names that policies let pass. */
function ownRoutes(of: GatewayNeeds, { http, connect: byConnect }: Routes): Piece[] {
  const matching = (port: number, lookup: OwnLookup, authorities: string[]) => ({
    name: lookup.route,
    match: authorities.map((regex) => ({ port, authority: { regex } })),
  });
  return [
    ...lookupsOn(of, (port) => port === externalPorts.http).map((lookup) => ({
      ...matching(
        externalPorts.http,
        lookup,
        // Policies let pass a name in any case, and with the port.
        lookup.hosts.map((host) => `(?i)${inRegex(host)}(:${externalPorts.http})?`),
      ),
      ...(lookup.requestTimeout === undefined ? {} : { timeout: lookup.requestTimeout }),
      ...http,
    })),
    ...lookupsOn(of, isByConnect).map((lookup) => ({
      ...matching(
        connect.gateway.port,
        lookup,
        lookup.hosts.map((host) => (isAddresses(host) ? authorityRegex(host) : `(?i)${inRegex(host)}:[0-9]+`)),
      ),
      ...byConnect,
    })),
  ];
}

/** The gateway's way out to the ranges that its destinations name, and to each of them on their ports only. */
function egressToPrivateHosts({ name, namespace, privateHosts = [] }: GatewayArgs): Manifest[] {
  return privateHosts.length === 0
    ? []
    : [
        egressToAddresses(privatePolicyName(name), {
          namespace,
          podSelector: { matchLabels: gatewaySelector(name) },
          services: sortedBy(privateHosts, ({ destination }) => destination),
        }),
      ];
}

function privatePolicyName(gateway: string): string {
  return `${gateway}-to-private`;
}

/** What has lookups of its own: names and addresses of private networks, and hosts that are waited for otherwise. */
export const lookupsPart: GatewayPart = {
  // For what the gateway opens no TLS for.
  clusters: (of) =>
    ownLookups(of)
      .filter(({ ports }) => ports.length > 0)
      .map(({ cluster, cache, connectTimeout }) =>
        clusterThatForwards(cluster, { cache, connectTimeout, insecure: true }),
      ),
  tlsChains: (of) =>
    lookupsOn(of, (port) => port === externalPorts.tls).map((lookup) => ({
      destination: lookup.destination,
      names: lookup.hosts,
      lookup: lookUpConnections(lookup),
      cluster: lookup.cluster,
    })),
  routes: ownRoutes,
  objects: egressToPrivateHosts,
  opens: ({ name, privateHosts = [] }) =>
    privateHosts.map(({ destination, ranges }) => ({
      destination,
      ranges,
      policy: privatePolicyName(name),
      key: "private",
    })),
  wayOut: (target) => (heldRangesOf(target).length > 0 ? privatePolicyName(target.gateway) : undefined),
};

/** The filters that look a connection's name up, and refuse it if it leads where it may not. */
export function lookUpConnections({ cache, refuse }: Lookup): Piece[] {
  const resolve = {
    name: "envoy.filters.network.sni_dynamic_forward_proxy",
    typed_config: {
      "@type": type("filters.network.sni_dynamic_forward_proxy.v3.FilterConfig"),
      dns_cache_config: cache,
      port_value: externalPorts.tls,
      save_upstream_address: true,
    },
  };
  return [resolve, refuse("network")];
}
