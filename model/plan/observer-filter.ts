import { insideRanges } from "../ground/cidr";
import { Manifest } from "../ground/manifest";
import { gatewaySelector } from "../ground/names";
import { observe } from "../ground/protocols";
import { AccessLog, logOfObserved } from "./access-log";
import { countObserved } from "./call-counters";
import { GatewayArgs } from "./args";
import {
  addCluster,
  asApplicationBegan,
  cidrRange,
  envoyFilter,
  matchFilter,
  onEveryFilter,
  onlyWhen,
  type,
  unlimited,
  upstreamKeepalive,
} from "./gateway-envoy";
import { headersOfTheMesh } from "./gateway-routes";

/** Filter state by which the listener behind is told who calls. */
const identity = "observed.identity";

/** The cluster that dials the address and port that the application has dialled. */
const dialledCluster = "observed-dialled";

/** A cluster without endpoints: what is led there ends. */
const nowhere = "observed-nowhere";

/** The listener behind the observer's port, and the cluster that leads to it. */
const behind = "observed";

const port = observe.gateway.port;

/**
 * What Istio's API has no words for at the observer: the PROXY header that says what was dialled is read before its TLS,
 * and a listener behind looks into what comes out of it, logs it by name where it has one, and dials the address.
 *
 * | what comes out                 | is logged as                 | goes to               |
 * |--------------------------------|------------------------------|-----------------------|
 * | for an address that is inside  | refused                      | nowhere               |
 * | TLS                            | https, by its SNI            | the dialled address   |
 * | HTTP                           | http, by its Host header     | the dialled address   |
 * | anything else                  | tcp, by address              | the dialled address   |
 */
export function observerFilter(
  { name, namespace, counts }: Pick<GatewayArgs, "name" | "namespace" | "counts">,
  identities: { exact: string[]; prefixes: string[] },
): Manifest {
  return envoyFilter(
    { name, namespace },
    {
      selector: gatewaySelector(name),
      patches: [
        readProxyHeader(),
        ...(identities.prefixes.length === 0 ? [] : [takeWholeNamespaces(identities)]),
        ...onEveryFilter(port, "envoy.filters.network.tcp_proxy", [
          ["INSERT_BEFORE", tellCaller()],
          ["MERGE", leadBehind()],
        ]),
        ...clusters(),
        listenerBehind(counts !== undefined),
      ],
    },
  );
}

/** In front of the inspector of TLS, which would take the header for its first bytes. */
function readProxyHeader(): Record<string, unknown> {
  return {
    applyTo: "LISTENER_FILTER",
    match: { context: "GATEWAY", listener: { portNumber: port } },
    patch: {
      operation: "INSERT_FIRST",
      value: {
        name: "envoy.filters.listener.proxy_protocol",
        typed_config: { "@type": type("filters.listener.proxy_protocol.v3.ProxyProtocol") },
      },
    },
  };
}

/** A Gateway takes whole identities only. Should this patch be missing, namespaces as a whole are refused. */
function takeWholeNamespaces({ exact, prefixes }: { exact: string[]; prefixes: string[] }): Record<string, unknown> {
  const san = (matcher: Record<string, string>) => ({ san_type: "URI", matcher });
  return {
    applyTo: "FILTER_CHAIN",
    match: matchFilter(port, { name: "envoy.filters.network.tcp_proxy" }),
    patch: {
      operation: "MERGE",
      value: {
        transport_socket: {
          name: "envoy.transport_sockets.tls",
          typed_config: {
            "@type": type("transport_sockets.tls.v3.DownstreamTlsContext"),
            common_tls_context: {
              combined_validation_context: {
                default_validation_context: {
                  // Envoy looks at no other list where there is this one.
                  match_typed_subject_alt_names: [
                    ...exact.map((each) => san({ exact: each })),
                    ...prefixes.map((prefix) => san({ prefix })),
                  ],
                },
              },
            },
          },
        },
      },
    },
  };
}

/** All of it is hashable: Envoy keeps connections of different callers apart by such state only. */
function tellCaller(): Record<string, unknown> {
  const state = (key: string, format: string, factory = key) => ({
    object_key: key,
    factory_key: factory,
    format_string: { text_format_source: { inline_string: format } },
    shared_with_upstream: "ONCE",
  });
  const dialled = "envoy.filters.listener.original_dst";
  return {
    name: "envoy.filters.network.set_filter_state",
    typed_config: {
      "@type": type("filters.network.set_filter_state.v3.Config"),
      // Before, there is no certificate yet.
      on_downstream_tls_handshake: [
        state(identity, "%DOWNSTREAM_PEER_URI_SAN%", "envoy.hashable_string"),
        state(`${dialled}.local_ip`, "%DOWNSTREAM_LOCAL_ADDRESS%"),
        state(`${dialled}.remote_ip`, "%DOWNSTREAM_REMOTE_ADDRESS%"),
      ],
    },
  };
}

/** The handshake has asked for the identity; to wait for a first byte would keep servers waiting that speak first. */
function leadBehind(): Record<string, unknown> {
  return {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": type("filters.network.tcp_proxy.v3.TcpProxy"),
      cluster: behind,
      upstream_connect_mode: "ON_DOWNSTREAM_TLS_HANDSHAKE",
      // Without it Envoy refuses the listener, in silence.
      max_early_data_bytes: 16384,
    },
  };
}

function clusters(): Record<string, unknown>[] {
  const plain = {
    name: "envoy.transport_sockets.raw_buffer",
    typed_config: { "@type": type("transport_sockets.raw_buffer.v3.RawBuffer") },
  };
  const endpoint = { address: { envoy_internal_address: { server_listener_name: behind } } };
  return [
    {
      name: behind,
      type: "STATIC",
      connect_timeout: "5s",
      circuit_breakers: unlimited,
      load_assignment: { cluster_name: behind, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
      // Without it the filter state is lost on the way, in silence.
      transport_socket: {
        name: "envoy.transport_sockets.internal_upstream",
        typed_config: {
          "@type": type("transport_sockets.internal_upstream.v3.InternalUpstreamTransport"),
          transport_socket: plain,
        },
      },
    },
    {
      name: dialledCluster,
      type: "ORIGINAL_DST",
      lb_policy: "CLUSTER_PROVIDED",
      connect_timeout: "10s",
      circuit_breakers: unlimited,
      upstream_connection_options: upstreamKeepalive,
      typed_extension_protocol_options: asApplicationBegan({
        common_http_protocol_options: { idle_timeout: "60s" },
      }),
    },
    {
      name: nowhere,
      type: "STATIC",
      connect_timeout: "1s",
      load_assignment: { cluster_name: nowhere, endpoints: [] },
    },
  ].map(addCluster);
}

function listenerBehind(counts: boolean): Record<string, unknown> {
  const filter = (name: string) => type(`filters.listener.${name}`);
  const passes = { identity, verdict: "would be denied" } as const;
  const caller = `%FILTER_STATE(${identity}:PLAIN)%`;
  const passed = (protocol: "http" | "https" | "tcp"): AccessLog => [
    ...logOfObserved(protocol, passes),
    ...(counts ? countObserved(protocol, { caller, verdict: "would be denied" }) : []),
  ];
  const named = "connection.requested_server_name != ''";
  const refused = (["https", "tcp"] as const).flatMap((protocol) => {
    const expression = protocol === "https" ? named : `!(${named})`;
    return [
      ...logOfObserved(protocol, { identity, verdict: "refused", expression }),
      ...(counts ? countObserved(protocol, { caller, verdict: "denied", filter: onlyWhen(expression) }) : []),
    ];
  });
  return {
    applyTo: "LISTENER",
    match: { context: "GATEWAY" },
    patch: {
      operation: "ADD",
      value: {
        name: behind,
        internal_listener: {},
        // A client that waits for its server to speak waits so long at each connection.
        listener_filters_timeout: "0.2s",
        continue_on_listener_filters_timeout: true,
        listener_filters: [
          {
            name: "envoy.filters.listener.original_dst",
            typed_config: { "@type": filter("original_dst.v3.OriginalDst") },
          },
          {
            name: "envoy.filters.listener.tls_inspector",
            typed_config: { "@type": filter("tls_inspector.v3.TlsInspector") },
          },
          {
            name: "envoy.filters.listener.http_inspector",
            typed_config: { "@type": filter("http_inspector.v3.HttpInspector") },
          },
        ],
        filter_chains: [
          {
            name: "inside",
            filter_chain_match: {
              prefix_ranges: [...insideRanges.map(cidrRange), { address_prefix: "::", prefix_len: 0 }],
            },
            filters: [tcpProxy("inside", nowhere, refused)],
          },
          {
            name: "tls",
            filter_chain_match: { transport_protocol: "tls" },
            filters: [tcpProxy("tls", dialledCluster, passed("https"))],
          },
          {
            name: "http",
            filter_chain_match: {
              transport_protocol: "raw_buffer",
              application_protocols: ["http/1.0", "http/1.1", "h2c"],
            },
            filters: [http(passed("http"))],
          },
        ],
        default_filter_chain: {
          name: "tcp",
          filters: [tcpProxy("tcp", dialledCluster, passed("tcp"))],
        },
      },
    },
  };
}

function tcpProxy(name: string, cluster: string, log: AccessLog): Record<string, unknown> {
  return {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": type("filters.network.tcp_proxy.v3.TcpProxy"),
      stat_prefix: `observed_${name}`,
      cluster,
      access_log: log,
    },
  };
}

function http(log: AccessLog): Record<string, unknown> {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": type("filters.network.http_connection_manager.v3.HttpConnectionManager"),
      stat_prefix: "observed_http",
      upgrade_configs: [{ upgrade_type: "websocket" }],
      server_header_transformation: "PASS_THROUGH",
      skip_xff_append: true,
      // As long as a sidecar leaves a connection open on which nothing passes.
      stream_idle_timeout: "3600s",
      access_log: log,
      http_filters: [
        {
          name: "envoy.filters.http.router",
          typed_config: { "@type": type("filters.http.router.v3.Router"), suppress_envoy_headers: true },
        },
      ],
      route_config: {
        name: behind,
        virtual_hosts: [
          {
            name: "any",
            domains: ["*"],
            request_headers_to_remove: headersOfTheMesh,
            routes: [{ match: { prefix: "/" }, route: { cluster: dialledCluster, timeout: "0s" } }],
          },
        ],
      },
    },
  };
}
