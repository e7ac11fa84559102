import { sortedUnique } from "../../model/ground/order";
import { ClientTls } from "../../model/tls";

/** What is read of the answer of Envoy's `/config_dump?include_eds`. */
export interface ConfigDump {
  configs: {
    dynamic_active_clusters?: { cluster: Cluster }[];
    dynamic_endpoint_configs?: { endpoint_config: LoadAssignment }[];
  }[];
}

interface Cluster {
  name: string;
  transport_socket?: TransportSocket;
  /** The first that an endpoint's metadata satisfy holds for it, and `transport_socket` for the others. */
  transport_socket_matches?: { match?: Record<string, unknown>; transport_socket: TransportSocket }[];
  metadata?: { filter_metadata?: { istio?: { config?: string } } };
}

interface TransportSocket {
  name: string;
  typed_config?: {
    "@type": string;
    common_tls_context?: { tls_certificate_sds_secret_configs?: { name: string }[] };
  };
}

interface LoadAssignment {
  cluster_name: string;
  endpoints?: { lb_endpoints?: Endpoint[] }[];
}

interface Endpoint {
  metadata?: { filter_metadata?: { "envoy.transport_socket_match"?: Record<string, unknown> } };
}

/** How a sidecar calls a name. */
export interface SidecarCalls {
  /** Null where it cannot be told. */
  client: ClientTls | null;
  /** `name/namespace` of the DestinationRule that istiod followed. */
  destinationRule: string | null;
  /** Why it cannot be told, to stand behind "the sidecar". */
  unclear?: string;
}

/**
 * How a sidecar calls a port of a name, by the cluster that istiod has given it; undefined where it knows of none.
 *
 * Source: `cluster_tls.go` in Istio's source, and `TransportSocketMatch` in Envoy's API.
 */
export function callsOf(dump: ConfigDump, { host, port }: { host: string; port: number }): SidecarCalls | undefined {
  const name = `outbound|${port}||${host}`;
  const cluster = dump.configs
    .flatMap(({ dynamic_active_clusters = [] }) => dynamic_active_clusters)
    .find((active) => active.cluster.name === name)?.cluster;
  if (cluster === undefined) {
    return undefined;
  }
  const destinationRule = ruleOf(cluster);
  const spoken = sortedUnique(socketsOf(cluster, endpointsOf(dump, name)).map(spokenOver));
  if (spoken.length !== 1) {
    const unclear =
      spoken.length === 0
        ? "has no endpoint, by whose kind it would choose"
        : `speaks ${spoken.join(" and ")}, by endpoint`;
    return { client: null, destinationRule, unclear };
  }
  const [only] = spoken as [Spoken];
  return only === other
    ? { client: null, destinationRule, unclear: `speaks ${other}` }
    : { client: only, destinationRule };
}

function ruleOf({ metadata }: Cluster): string | null {
  const found = /\/namespaces\/([^/]+)\/destination-rule\/([^/]+)$/.exec(
    metadata?.filter_metadata?.istio?.config ?? "",
  );
  return found === null ? null : `${found[2]}/${found[1]}`;
}

function endpointsOf(dump: ConfigDump, cluster: string): Endpoint[] {
  return dump.configs
    .flatMap(({ dynamic_endpoint_configs = [] }) => dynamic_endpoint_configs)
    .filter(({ endpoint_config }) => endpoint_config.cluster_name === cluster)
    .flatMap(({ endpoint_config: { endpoints = [] } }) => endpoints)
    .flatMap(({ lb_endpoints = [] }) => lb_endpoints);
}

/** What connections are made over: one for all of the cluster, or one for each endpoint. Undefined is the plain wire. */
function socketsOf(cluster: Cluster, endpoints: Endpoint[]): (TransportSocket | undefined)[] {
  const { transport_socket_matches: matches = [], transport_socket: fallback } = cluster;
  return matches.length === 0
    ? [fallback]
    : endpoints.map(({ metadata }) => {
        const facts = metadata?.filter_metadata?.["envoy.transport_socket_match"] ?? {};
        const found = matches.find(({ match = {} }) =>
          Object.entries(match).every(([key, value]) => facts[key] === value),
        );
        return found === undefined ? fallback : found.transport_socket;
      });
}

/** The certificate that istiod has signed, by its name in the sidecar's own secret discovery. */
const meshCertificate = "default";

/** What is neither the plain wire nor TLS, as a tunnel. */
const other = "something else";

type Spoken = ClientTls | typeof other;

function spokenOver(socket: TransportSocket | undefined): Spoken {
  const type = socket?.typed_config?.["@type"] ?? "";
  if (socket === undefined || socket.name === "envoy.transport_sockets.raw_buffer" || type.endsWith(".RawBuffer")) {
    return "HTTP";
  }
  if (!type.endsWith(".UpstreamTlsContext")) {
    return other;
  }
  const certificates = socket.typed_config?.common_tls_context?.tls_certificate_sds_secret_configs ?? [];
  return certificates.some(({ name }) => name === meshCertificate) ? "mTLS" : "TLS";
}
