import { createHash } from "node:crypto";
import { Manifest } from "../ground/manifest";
import { defaultConnect, Duration, secondsOf } from "../ground/timeouts";
import { keepalive } from "./keepalive";
import { commonLabels } from "./metadata";

/** What is said to Envoy itself, where Istio's API has no words for it. */
export function envoyFilter(
  metadata: Pick<Manifest["metadata"], "name" | "namespace">,
  { selector, patches }: { selector?: Record<string, string>; patches: Record<string, unknown>[] },
): Manifest {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { ...metadata, labels: commonLabels() },
    spec: {
      ...(selector === undefined ? {} : { workloadSelector: { labels: selector } }),
      configPatches: patches,
    },
  };
}

/** What the parts of EnvoyFilters have in common. */
export const type = (name: string) => `type.googleapis.com/envoy.extensions.${name}`;

/** Name of the cluster that dials whatever name was allowed. */
export const forwardingCluster = "outside";

/** Envoy's own way to say "no limit"; what bounds the gateway is its memory. */
const noLimit = 4294967295;

export const unlimited = {
  thresholds: [
    { max_connections: noLimit, max_pending_requests: noLimit, max_requests: noLimit, max_retries: noLimit },
  ],
};

/** What the gateway knows of names that it has looked up: the same for all users of it, or Envoy refuses it. */
export type DnsCache = Record<string, unknown> & { name: string };

/**
 * Its name tells what is refused: a gateway that runs takes no other settings for a cache that it has, and would go on with
 * the old ones, in silence.
 *
 * @param refused ranges whose addresses are taken out of every answer, wherever in it they stand @default none
 */
export function dnsCache(name: string, refused: readonly string[] = []): DnsCache {
  if (refused.length === 0) {
    return { name, ...dnsSettings };
  }
  const told = createHash("sha256").update(refused.join(" ")).digest("hex").slice(0, 8);
  return {
    name: `${name}-${told}`,
    ...dnsSettings,
    resolved_address_filter: { ranges: refused.map(cidrRange) },
  };
}

/** A range, in Envoy's words. */
export function cidrRange(range: string): { address_prefix: string; prefix_len: number } {
  const [address, prefix] = range.split("/") as [string, string];
  return { address_prefix: address, prefix_len: Number(prefix) };
}

const dnsSettings = {
  // As the NetworkPolicy: IPv6 addresses are out of the gateway's reach.
  dns_lookup_family: "V4_ONLY",
  // Envoy's 1,024 would be the limit of the allowlist.
  max_hosts: 65536,
  // Envoy keeps a failure as long as an answer otherwise, and a host would stay down for a minute.
  dns_failure_refresh_rate: { base_interval: "1s", max_interval: "5s" },
  typed_dns_resolver_config: {
    name: "envoy.network.dns_resolver.cares",
    typed_config: {
      "@type": type("network.dns_resolver.cares.v3.CaresDnsResolverConfig"),
      // The name as it was allowed, never with a search domain of the cluster behind it.
      dns_resolver_options: { no_default_search_domain: true },
    },
  },
};

/** Asks whether the peer is there, as a cluster says it. */
export const upstreamKeepalive = {
  tcp_keepalive: {
    keepalive_time: keepalive.time,
    keepalive_interval: keepalive.interval,
    keepalive_probes: keepalive.probes,
  },
};

/**
 * HTTP towards a host as the application began it: gRPC in HTTP/2 from its first byte stays that, and a WebSocket HTTP/1.
 *
 * @param http2 whether it is HTTP/2 instead, whatever the application began @default false
 */
export function asApplicationBegan(protocol: Record<string, unknown> = {}, http2 = false): Record<string, unknown> {
  return {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": type("upstreams.http.v3.HttpProtocolOptions"),
      ...(http2
        ? { explicit_http_config: { http2_protocol_options: {} } }
        : { use_downstream_protocol_config: { http_protocol_options: {}, http2_protocol_options: {} } }),
      ...protocol,
    },
  };
}

interface ForwardingCluster {
  /** Where it looks names up: the cache of the filter that leads to it. */
  cache: DnsCache;
  /** Whether nothing is checked of the host's certificate. @default false */
  insecure?: boolean;
  /** How long a host may take to accept a connection. @default "5s" */
  connectTimeout?: Duration | undefined;
  /** Whether HTTP towards the host is HTTP/2, whatever the application began. @default false */
  http2?: boolean | undefined;
  /** Of HTTP towards the host, beside its version. @default {} */
  protocol?: Record<string, unknown>;
  transport_socket?: Record<string, unknown>;
}

/** The patch that adds a cluster which dials whatever name a request or connection was allowed. */
export function clusterThatForwards(
  name: string,
  {
    cache,
    insecure = false,
    connectTimeout = defaultConnect,
    http2 = false,
    protocol = {},
    ...rest
  }: ForwardingCluster,
): Record<string, unknown> {
  return addCluster({
    name,
    connect_timeout: inSeconds(connectTimeout),
    lb_policy: "CLUSTER_PROVIDED",
    cluster_type: {
      name: "envoy.clusters.dynamic_forward_proxy",
      typed_config: {
        "@type": type("clusters.dynamic_forward_proxy.v3.ClusterConfig"),
        dns_cache_config: cache,
        ...(insecure ? { allow_insecure_cluster_options: true } : {}),
      },
    },
    circuit_breakers: unlimited,
    upstream_connection_options: upstreamKeepalive,
    ...rest,
    typed_extension_protocol_options: asApplicationBegan(protocol, http2),
  });
}

/** The patch that adds a cluster which connects to whatever a name of the stack's own leads to, as it leads on. */
export function clusterByName(
  name: string,
  { host, port }: { host: string; port: number },
  rest: Record<string, unknown>,
): Record<string, unknown> {
  const endpoint = { address: { socket_address: { address: host, port_value: port } } };
  return addCluster({
    name,
    type: "STRICT_DNS",
    // As the NetworkPolicy: IPv6 addresses are out of the gateway's reach.
    dns_lookup_family: "V4_ONLY",
    connect_timeout: inSeconds(defaultConnect),
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    ...rest,
  });
}

/** The patch that adds a cluster to a gateway. */
export function addCluster(value: Record<string, unknown>): Record<string, unknown> {
  return { applyTo: "CLUSTER", match: { context: "GATEWAY" }, patch: { operation: "ADD", value } };
}

/** A time, in Envoy's words. */
export function inSeconds(duration: Duration): string {
  return `${secondsOf(duration)}s`;
}

export function matchFilter(portNumber: number, filter: Record<string, unknown>): Record<string, unknown> {
  return { context: "GATEWAY", listener: { portNumber, filterChain: { filter } } };
}

/** Patches of the network filter of that name, in all filter chains of a port. */
export function onEveryFilter(
  port: number,
  name: string,
  patches: [operation: "INSERT_BEFORE" | "MERGE", value: Record<string, unknown>][],
): Record<string, unknown>[] {
  const match = matchFilter(port, { name });
  return patches.map(([operation, value]) => ({ applyTo: "NETWORK_FILTER", match, patch: { operation, value } }));
}

/** Envoy's `AccessLogFilter`: which calls a log is about. */
export type AccessLogFilter = Record<string, unknown>;

/**
 * Envoy's access log filter, for lines and for replies of its own: only what an expression holds for.
 *
 * Source: Envoy's documentation, "Attributes" and "CEL access log filter".
 */
export function onlyWhen(expression: string): AccessLogFilter {
  return {
    extension_filter: {
      name: "envoy.access_loggers.extension_filters.cel",
      typed_config: { "@type": type("access_loggers.filters.cel.v3.ExpressionFilter"), expression },
    },
  };
}
