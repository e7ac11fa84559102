import { Manifest } from "../ground/manifest";
import { gatewayPorts, gatewaySelector } from "../ground/names";
import { accessLog } from "./access-log";
import { GatewayArgs, Wildcard } from "./args";
import { connects, forwardConnect } from "./gateway-connect";
import { dnsCache, forwardingCluster, type, unlimited } from "./gateway-envoy";
import { forwardRequests } from "./gateway-requests";
import { refuseMalformedNames } from "./gateway-wildcards";
import { forwardTls } from "./gateway-tls";
import { keepalive } from "./keepalive";
import { commonLabels } from "./metadata";

/**
 * Turns the gateway into a forward proxy: a name that istiod's RBAC filters have let pass is resolved and dialled,
 * on port 80 for HTTP by its Host, on port 443 for TLS by the SNI of the sidecar's mTLS around it, and on any other port
 * that a destination has by the authority of a CONNECT request.
 *
 * Istio's API has no word for this at a gateway, hence the EnvoyFilter. It replaces a server, a subset and a route per
 * host, which would cost every gateway and sidecar quadratically.
 */
export function forwardingFilter(
  gateway: Pick<GatewayArgs, "name" | "namespace" | "ports" | "idleTimeout" | "wildcards">,
): Manifest {
  const { name, namespace, wildcards = [] } = gateway;
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name, namespace, labels: commonLabels() },
    spec: {
      workloadSelector: { labels: gatewaySelector(name) },
      configPatches: [
        addForwardingCluster(),
        ...forwardTls(wildcards, gateway.idleTimeout),
        ...forwardHttp(wildcards),
        ...(connects(gateway) ? forwardConnect() : []),
      ],
    },
  };
}

/** How long a host may take to accept a connection: a lost packet or two, which TCP sends again after 1 s and 3 s. */
export const connectTimeout = "5s";

function addForwardingCluster(): Record<string, unknown> {
  const { time, interval, probes } = keepalive;
  return {
    applyTo: "CLUSTER",
    match: { context: "GATEWAY" },
    patch: {
      operation: "ADD",
      value: {
        name: forwardingCluster,
        connect_timeout: connectTimeout,
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
        circuit_breakers: unlimited,
        upstream_connection_options: {
          tcp_keepalive: { keepalive_time: time, keepalive_interval: interval, keepalive_probes: probes },
        },
        // As the application began: gRPC in HTTP/2 from its first byte stays that, and a WebSocket stays HTTP/1.
        typed_extension_protocol_options: {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": type("upstreams.http.v3.HttpProtocolOptions"),
            use_downstream_protocol_config: { http_protocol_options: {}, http2_protocol_options: {} },
          },
        },
      },
    },
  };
}

function forwardHttp(wildcards: Wildcard[]): Record<string, unknown>[] {
  return [
    ...forwardRequests(gatewayPorts.http, {
      settings: { access_log: accessLog("http") },
      ...(wildcards.length === 0 ? {} : { before: [refuseMalformedNames("http")] }),
    }),
    {
      applyTo: "HTTP_ROUTE",
      match: { context: "GATEWAY" },
      patch: { operation: "MERGE", value: { route: { cluster: forwardingCluster } } },
    },
  ];
}
