import { Manifest } from "../ground/manifest";
import { externalPorts, refusalsName } from "../ground/names";
import { countingSince } from "../config/metrics";
import { identityAtHome, logOfRefusalsAtHome } from "./access-log";
import { countRefusedAtHome } from "./call-counters";
import { envoyFilter, onlyWhen, type } from "./gateway-envoy";

/**
 * Has the sidecars of a namespace tell of what they refuse themselves: a call of a host that the workload does not know
 * never comes to a gateway, and no other log has it. Each writes one line for each refusal and nothing for what it lets
 * pass; and over plain HTTP the caller is told what was refused, and how to ask why.
 *
 * Istio's `Telemetry` could filter its own line so, but not say what stands in it: the whole URL with its query would.
 */
export function sidecarRefusals(namespace: string, counts = false): Manifest {
  return envoyFilter(
    { name: refusalsName, namespace },
    { patches: [overHttp(), overTcp(), readNames(), ...(counts ? counters() : [])] },
  );
}

/** istiod's name for the route that answers 502 to every host that a sidecar does not know. */
const refusingRoute = "xds.route_name == 'block_all'";

/** istiod's name for the cluster that ends every connection that a sidecar knows no way for. */
const refusingCluster = "xds.cluster_name == 'BlackHoleCluster'";

const named = "connection.requested_server_name != ''";

/** What a caller over plain HTTP reads. A ServiceAccount will do for the workload, as `egress explain` takes either. */
const body =
  "http://%REQ(:AUTHORITY)% was refused by the sidecar of %ENVIRONMENT(POD_NAMESPACE)%/%ENVIRONMENT(SERVICE_ACCOUNT)%: " +
  "no rule of the egress allowlist grants it.\n" +
  "Why, and what to add: egress explain <stack> %ENVIRONMENT(POD_NAMESPACE)%/%ENVIRONMENT(SERVICE_ACCOUNT)% " +
  "'http://%REQ(:AUTHORITY)%'\n";

function overHttp(): Record<string, unknown> {
  return onOutbound("envoy.filters.network.http_connection_manager", {
    "@type": type("filters.network.http_connection_manager.v3.HttpConnectionManager"),
    access_log: [logOfRefusalsAtHome("http", refusingRoute)],
    local_reply_config: {
      mappers: [
        {
          filter: onlyWhen(refusingRoute),
          body_format_override: {
            text_format_source: { inline_string: body },
            content_type: "text/plain; charset=utf-8",
          },
        },
      ],
    },
  });
}

function overTcp(): Record<string, unknown> {
  return onOutbound("envoy.filters.network.tcp_proxy", {
    "@type": type("filters.network.tcp_proxy.v3.TcpProxy"),
    access_log: [
      logOfRefusalsAtHome("https", `${refusingCluster} && ${named}`),
      logOfRefusalsAtHome("tcp", `${refusingCluster} && !(${named})`),
    ],
  });
}

/** What counts the same; an older sidecar, of which a namespace of others may have some, would refuse to be told to. */
function counters(): Record<string, unknown>[] {
  const proxy = { proxyVersion: sinceVersion(countingSince) };
  const refused = (protocol: "http" | "https" | "tcp", expression: string) =>
    countRefusedAtHome(protocol, identityAtHome, onlyWhen(expression));
  return [
    onOutbound(
      "envoy.filters.network.http_connection_manager",
      {
        "@type": type("filters.network.http_connection_manager.v3.HttpConnectionManager"),
        access_log: refused("http", refusingRoute),
      },
      proxy,
    ),
    onOutbound(
      "envoy.filters.network.tcp_proxy",
      {
        "@type": type("filters.network.tcp_proxy.v3.TcpProxy"),
        access_log: [
          ...refused("https", `${refusingCluster} && ${named}`),
          ...refused("tcp", `${refusingCluster} && !(${named})`),
        ],
      },
      proxy,
    ),
  ];
}

/** Proxies of Istio's minor version `1.x` and later ones, as an EnvoyFilter asks for them: x has two digits. */
function sinceVersion(version: string): string {
  const [tens, ones] = [...version.split(".")[1]!];
  return `^(1\\.(${tens}[${ones}-9]|[${Number(tens) + 1}-9]\\d|\\d{3,})|[2-9])\\.`;
}

/** Merged into every filter of that name; lists grow by what is given. */
function onOutbound(
  name: string,
  config: Record<string, unknown>,
  proxy?: Record<string, string>,
): Record<string, unknown> {
  return {
    applyTo: "NETWORK_FILTER",
    match: {
      context: "SIDECAR_OUTBOUND",
      ...(proxy === undefined ? {} : { proxy }),
      listener: { filterChain: { filter: { name } } },
    },
    patch: { operation: "MERGE", value: { name, typed_config: config } },
  };
}

/**
 * A sidecar that knows no TLS host listens for none, and reads no name there. Only on the port of TLS, whose callers speak
 * first: elsewhere a server that does would be waited for.
 */
function readNames(): Record<string, unknown> {
  const port = externalPorts.tls;
  return {
    applyTo: "LISTENER",
    match: { context: "SIDECAR_OUTBOUND", listener: { name: "virtualOutbound" } },
    patch: {
      operation: "MERGE",
      value: {
        listener_filters: [
          // Until it has run, the port is the sidecar's own.
          {
            name: "envoy.filters.listener.original_dst",
            typed_config: { "@type": type("filters.listener.original_dst.v3.OriginalDst") },
          },
          {
            name: "envoy.filters.listener.tls_inspector",
            typed_config: { "@type": type("filters.listener.tls_inspector.v3.TlsInspector") },
            filter_disabled: { not_match: { destination_port_range: { start: port, end: port + 1 } } },
          },
        ],
      },
    },
  };
}
