import { Manifest } from "../ground/manifest";
import { commonLabels } from "./metadata";
import { accessLog } from "./access-log";
import { GatewayArgs } from "./args";
import { gatewayPorts, gatewaySelector, outsidePorts } from "../ground/names";

const type = (name: string) => `type.googleapis.com/envoy.extensions.${name}`;

const forwardingCluster = "outside";

/** Envoy's own way to say "no limit"; what bounds the gateway is its memory. */
const unlimited = 4294967295;

/** Room for the application's ClientHello while its host is connected to: with post-quantum keys it is about 2 kB. */
const earlyDataBytes = 16384;

/** One cache for all three users of it: Envoy refuses caches of one name that differ. */
const dnsCache = {
  name: forwardingCluster,
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

/**
 * Turns the gateway into a forward proxy: a name that istiod's RBAC filters have let pass is resolved and dialled,
 * on port 80 for HTTP by its Host and on port 443 for TLS by the SNI of the sidecar's mTLS around it. A name over TLS is
 * looked up before they speak, which they do at the first byte; it is dialled after.
 *
 * Istio's API has no word for this at a gateway, hence the EnvoyFilter. It replaces a server, a subset and a route per
 * host, which would cost every gateway and sidecar quadratically.
 */
export function forwardingFilter({ name, namespace }: Pick<GatewayArgs, "name" | "namespace">): Manifest {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name, namespace, labels: commonLabels() },
    spec: {
      workloadSelector: { labels: gatewaySelector(name) },
      configPatches: [addForwardingCluster(), ...forwardTls(), ...forwardHttp()],
    },
  };
}

function addForwardingCluster(): Record<string, unknown> {
  return {
    applyTo: "CLUSTER",
    match: { context: "GATEWAY" },
    patch: {
      operation: "ADD",
      value: {
        name: forwardingCluster,
        connect_timeout: "10s",
        lb_policy: "CLUSTER_PROVIDED",
        cluster_type: {
          name: "envoy.clusters.dynamic_forward_proxy",
          typed_config: {
            "@type": type("clusters.dynamic_forward_proxy.v3.ClusterConfig"),
            dns_cache_config: dnsCache,
            // The cluster opens no TLS of its own, so there is no certificate whose name could be checked here.
            allow_insecure_cluster_options: true,
          },
        },
        circuit_breakers: {
          thresholds: [
            {
              max_connections: unlimited,
              max_pending_requests: unlimited,
              max_requests: unlimited,
              max_retries: unlimited,
            },
          ],
        },
      },
    },
  };
}

function forwardTls(): Record<string, unknown>[] {
  const match = matchFilter(gatewayPorts.tls, { name: "envoy.filters.network.tcp_proxy" });
  return [
    {
      applyTo: "NETWORK_FILTER",
      match,
      patch: {
        operation: "INSERT_BEFORE",
        value: {
          name: "envoy.filters.network.sni_dynamic_forward_proxy",
          typed_config: {
            "@type": type("filters.network.sni_dynamic_forward_proxy.v3.FilterConfig"),
            dns_cache_config: dnsCache,
            port_value: outsidePorts.tls,
          },
        },
      },
    },
    {
      applyTo: "NETWORK_FILTER",
      match,
      patch: {
        operation: "MERGE",
        value: {
          name: "envoy.filters.network.tcp_proxy",
          typed_config: {
            "@type": type("filters.network.tcp_proxy.v3.TcpProxy"),
            cluster: forwardingCluster,
            // The policies speak at the first byte, and by default the host would be connected to before that.
            upstream_connect_mode: "ON_DOWNSTREAM_DATA",
            max_early_data_bytes: earlyDataBytes,
            access_log: accessLog("https"),
          },
        },
      },
    },
  ];
}

function forwardHttp(): Record<string, unknown>[] {
  return [
    {
      applyTo: "HTTP_FILTER",
      match: matchFilter(gatewayPorts.http, {
        name: "envoy.filters.network.http_connection_manager",
        subFilter: { name: "envoy.filters.http.router" },
      }),
      patch: {
        operation: "INSERT_BEFORE",
        value: {
          name: "envoy.filters.http.dynamic_forward_proxy",
          typed_config: {
            "@type": type("filters.http.dynamic_forward_proxy.v3.FilterConfig"),
            dns_cache_config: dnsCache,
          },
        },
      },
    },
    {
      applyTo: "NETWORK_FILTER",
      match: matchFilter(gatewayPorts.http, { name: "envoy.filters.network.http_connection_manager" }),
      patch: {
        operation: "MERGE",
        value: {
          name: "envoy.filters.network.http_connection_manager",
          typed_config: {
            "@type": type("filters.network.http_connection_manager.v3.HttpConnectionManager"),
            access_log: accessLog("http"),
          },
        },
      },
    },
    {
      applyTo: "HTTP_ROUTE",
      match: { context: "GATEWAY" },
      patch: { operation: "MERGE", value: { route: { cluster: forwardingCluster } } },
    },
  ];
}

function matchFilter(portNumber: number, filter: Record<string, unknown>): Record<string, unknown> {
  return { context: "GATEWAY", listener: { portNumber, filterChain: { filter } } };
}
