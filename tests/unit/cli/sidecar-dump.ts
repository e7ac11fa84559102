/**
 * Parts of a sidecar's `config_dump?include_eds`, of the shape of Envoy's admin API and with what Istio 1.31 puts there:
 * cluster_tls.go for the sockets, endpoint_builder.go for the endpoints' metadata.
 */
import { ConfigDump } from "../../../cli/tls/config-dump";

const tlsContext = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";

/** The mesh's mutual TLS. */
export const meshTls = {
  name: "envoy.transport_sockets.tls",
  typed_config: {
    "@type": tlsContext,
    common_tls_context: {
      alpn_protocols: ["istio"],
      tls_params: { tls_minimum_protocol_version: "TLSv1_2", tls_maximum_protocol_version: "TLSv1_3" },
      tls_certificate_sds_secret_configs: [{ name: "default", sds_config: { resource_api_version: "V3" } }],
      combined_validation_context: { validation_context_sds_secret_config: { name: "ROOTCA" } },
    },
    sni: "outbound_.80_._.till.shop.svc.cluster.local",
  },
};

/** TLS that a DestinationRule of mode SIMPLE originates. */
export const simpleTls = {
  name: "envoy.transport_sockets.tls",
  typed_config: {
    "@type": tlsContext,
    common_tls_context: {
      combined_validation_context: { validation_context_sds_secret_config: { name: "file-root:system" } },
    },
  },
};

export const plain = {
  name: "envoy.transport_sockets.raw_buffer",
  typed_config: { "@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer" },
};

export function cluster(name: string, over: object = {}): { name: string } {
  return { name, ...{ type: "EDS", eds_cluster_config: { service_name: name } }, ...over };
}

/** A cluster's endpoints, each with the TLS mode that istiod says of it. */
export function endpoints(name: string, ...modes: (string | undefined)[]): { cluster_name: string } {
  const facts = (mode: string | undefined) =>
    mode === undefined ? {} : { "envoy.transport_socket_match": { tlsMode: mode } };
  const one = (mode: string | undefined, index: number) => ({
    endpoint: { address: { socket_address: { address: `10.4.0.${index}`, port_value: 8080 } } },
    health_status: "HEALTHY",
    metadata: { filter_metadata: { istio: { workload: "till;shop;till;;Kubernetes" }, ...facts(mode) } },
  });
  // One locality each, as endpoints in several zones have.
  return { cluster_name: name, ...{ endpoints: modes.map((mode, index) => ({ lb_endpoints: [one(mode, index)] })) } };
}

export function dumpOf(clusters: { name: string }[], assignments: { cluster_name: string }[] = []): ConfigDump {
  const sections = [
    { "@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", bootstrap: {} },
    {
      "@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
      version_info: "2026-11-22T12:00:00Z/1",
      dynamic_active_clusters: clusters.map((active) => ({ version_info: "1", cluster: active })),
    },
    {
      "@type": "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump",
      dynamic_endpoint_configs: assignments.map((assignment) => ({ endpoint_config: assignment })),
    },
  ];
  return { configs: sections };
}
