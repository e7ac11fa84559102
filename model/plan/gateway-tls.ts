import { AccessLog, accessLog, accessLogOfRefusals } from "./access-log";
import { countForwardedConnections, countRefusedConnections } from "./call-counters";
import { tellDestinationOfConnections } from "./counted-destinations";
import { addCluster, inSeconds, onEveryFilter, type, unlimited } from "./gateway-envoy";
import { namesBelow, refuseMalformedNames } from "./gateway-wildcards";
import { GatewayArgs, Wildcard } from "./args";
import { refuseEnded } from "./gateway-ends";
import { TlsChain } from "./gateway-part";
import { lookUpConnections, sharedLookup } from "./gateway-private-hosts";
import { gatewayPorts } from "../ground/names";

/** Room for the application's ClientHello while its host is connected to: with post-quantum keys it is about 2 kB. */
const earlyDataBytes = 16384;

/** What the gateway's port tells the listeners behind it of a connection, under these names. */
const told = { name: "egress.sni", identity: "egress.identity", client: "egress.client" };

/** The name that the application's own TLS asks for. */
const innerName = "egress.inner";

const sni = "%CEL(connection.requested_server_name)%";

/**
 * The way of TLS through a gateway. Envoy asks its network policies at a connection's first byte, but the filter that
 * resolves a name acts when the connection opens; so each of them has a listener of its own, inside the same process:
 *
 * | listener                | asks                                                | leads to    |
 * |-------------------------|-----------------------------------------------------|-------------|
 * | port 8443               | identity and outer SNI: istiod's RBAC, the policies | `same-name` |
 * | `same-name`, internal   | whether the application's own SNI is the outer one, | `forward`   |
 * |                         | or below the wildcard that the outer one stands for |             |
 * | `forward`, internal     | whether the name resolves to the outside; dials it  | the host    |
 *
 * So nothing is looked up, dialled or greeted for a caller without a certificate, or with one that is not granted the
 * name; and who is granted one name cannot ask the host behind it for another.
 *
 * @param chains ways of their own behind `forward`, for certain names
 */
export function forwardTls(of: GatewayArgs, chains: readonly TlsChain[]): Record<string, unknown>[] {
  const { wildcards = [], idleTimeout: idle, ends } = of;
  // Its own silence is the sidecar's to end, by destination; here it may last as long as the longest of them.
  const tcpProxy = (of: TcpProxyArgs) => tcpProxyOf(of, idle);
  const caller = `%FILTER_STATE(${told.identity}:PLAIN)%`;
  return [
    ...onEveryFilter(gatewayPorts.tls, "envoy.filters.network.tcp_proxy", [
      ["INSERT_BEFORE", tellIdentity()],
      ...refuseEnded("network", ends).map((filter): [operation: "INSERT_BEFORE", value: Record<string, unknown>] => [
        "INSERT_BEFORE",
        filter,
      ]),
      [
        "MERGE",
        tcpProxy({
          cluster: "same-name",
          log: [...accessLogOfRefusals("https"), ...countRefusedConnections(of, "%DOWNSTREAM_PEER_URI_SAN%")],
        }),
      ],
    ]),
    addInternal(
      "same-name",
      [...accessLogOfRefusals("https", { ...told, stage: "same-name" }), ...countRefusedConnections(of, caller)],
      [
        setFilterState({ on_new_connection: [text(innerName, sni)] }),
        ...(wildcards.length === 0 ? [] : [refuseMalformedNames("network")]),
        sameName(wildcards),
        tcpProxy({ prefix: "same-name", cluster: "forward" }),
      ],
    ),
    addInternal(
      "forward",
      [...accessLog("https", { ...told, stage: "forward" }), ...countForwardedConnections(of, caller)],
      [
        ...tellDestinationOfConnections(of, told),
        ...lookUpConnections(sharedLookup(of)),
        tcpProxy({ prefix: "forward", cluster: sharedLookup(of).cluster }),
      ],
      chains.map(({ destination, names, lookup = [], ...rest }) => ({
        names,
        filters: [
          ...tellDestinationOfConnections(of, told, destination),
          ...lookup,
          tcpProxy({ prefix: "forward", ...rest }),
        ],
      })),
    ),
  ].flat();
}

/**
 * What is told must be hashable: connections to a listener inside come from a pool, and Envoy keeps pools apart by
 * hashable state only. With plain text, two calls at once could swap their connections, and with them what is told.
 * The client's address has its port in it, so that no two calls share a pool.
 */
function tellIdentity(): Record<string, unknown> {
  const shared = { shared_with_upstream: "TRANSITIVE", factory_key: "envoy.hashable_string" };
  return setFilterState({
    on_new_connection: [
      { ...text(told.name, sni), ...shared },
      { ...text(told.client, "%DOWNSTREAM_REMOTE_ADDRESS%"), ...shared },
    ],
    on_downstream_tls_handshake: [{ ...text(told.identity, "%DOWNSTREAM_PEER_URI_SAN%"), ...shared }],
  });
}

function setFilterState(states: Record<string, unknown>): Record<string, unknown> {
  return {
    name: "envoy.filters.network.set_filter_state",
    typed_config: { "@type": type("filters.network.set_filter_state.v3.Config"), ...states },
  };
}

function text(key: string, format: string): Record<string, unknown> {
  return {
    object_key: key,
    factory_key: "envoy.string",
    format_string: { text_format_source: { inline_string: format } },
  };
}

/** Both names are filter state, because CEL compares no bytes with text here. */
function sameName(wildcards: Wildcard[]): Record<string, unknown> {
  const state = (key: string, id: number) => ({
    id,
    call_expr: {
      function: "_[_]",
      args: [
        { id: id + 1, ident_expr: { name: "filter_state" } },
        { id: id + 2, const_expr: { string_value: key } },
      ],
    },
  });
  return {
    name: "envoy.filters.network.rbac",
    typed_config: {
      "@type": type("filters.network.rbac.v3.RBAC"),
      stat_prefix: "same-name.",
      rules: {
        action: "ALLOW",
        policies: {
          "same-name": {
            permissions: [{ any: true }],
            principals: [{ any: true }],
            condition: { id: 1, call_expr: { function: "_==_", args: [state(told.name, 2), state(innerName, 5)] } },
          },
          ...namesBelow(wildcards, told.name),
        },
      },
    },
  };
}

interface TcpProxyArgs {
  prefix?: string;
  cluster: string;
  /** What the cluster's own proxy is asked for. @default the cluster is connected to, and nothing asked of it */
  tunnel?: string;
  log?: AccessLog;
}

/** The next listener, or the host, is connected to at the first byte: after the policies have spoken. */
function tcpProxyOf(
  { prefix, cluster, tunnel, log }: TcpProxyArgs,
  idle: GatewayArgs["idleTimeout"],
): Record<string, unknown> {
  return {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": type("filters.network.tcp_proxy.v3.TcpProxy"),
      ...(prefix === undefined ? {} : { stat_prefix: prefix }),
      cluster,
      upstream_connect_mode: "ON_DOWNSTREAM_DATA",
      max_early_data_bytes: earlyDataBytes,
      ...(tunnel === undefined ? {} : { tunneling_config: { hostname: tunnel } }),
      ...(idle === undefined ? {} : { idle_timeout: inSeconds(idle) }),
      ...(log === undefined ? {} : { access_log: log }),
    },
  };
}

/**
 * A listener inside the process, and the cluster of the same name that leads to it. The log is the listener's, not the
 * last filter's: a connection that ends before there are filters, within its ClientHello, is logged too.
 *
 * @param own filters for connections that ask for certain names, in the place of the others
 */
function addInternal(
  name: string,
  log: AccessLog,
  filters: Record<string, unknown>[],
  own: { names: string[]; filters: Record<string, unknown>[] }[] = [],
): Record<string, unknown>[] {
  const inspector = {
    name: "envoy.filters.listener.tls_inspector",
    typed_config: { "@type": type("filters.listener.tls_inspector.v3.TlsInspector") },
  };
  // Without this transport socket the filter state is lost on the way, in silence.
  const transport = {
    name: "envoy.transport_sockets.internal_upstream",
    typed_config: {
      "@type": type("transport_sockets.internal_upstream.v3.InternalUpstreamTransport"),
      transport_socket: {
        name: "envoy.transport_sockets.raw_buffer",
        typed_config: { "@type": type("transport_sockets.raw_buffer.v3.RawBuffer") },
      },
    },
  };
  const endpoint = { address: { envoy_internal_address: { server_listener_name: name } } };
  return [
    {
      applyTo: "LISTENER",
      match: { context: "GATEWAY" },
      patch: {
        operation: "ADD",
        value: {
          name,
          internal_listener: {},
          access_log: log,
          listener_filters: [inspector],
          filter_chains: [
            ...own.map((chain) => ({ filter_chain_match: { server_names: chain.names }, filters: chain.filters })),
            { filters },
          ],
        },
      },
    },
    addCluster({
      name,
      type: "STATIC",
      connect_timeout: "5s",
      circuit_breakers: unlimited,
      transport_socket: transport,
      load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    }),
  ];
}
