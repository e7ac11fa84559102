import { addressesName } from "../ground/addresses";
import { asRange } from "../ground/cidr";
import { Manifest } from "../ground/manifest";
import { gatewaySelector, spiffeId } from "../ground/names";
import { sortedUnique } from "../ground/order";
import { ExternalPort } from "../ground/ports";
import { logOfRefusalsAtHome } from "./access-log";
import { DestinationArgs } from "./args";
import { connectPort } from "./gateway-connect";
import { cidrRange, envoyFilter, inSeconds, type } from "./gateway-envoy";
import { tcpSettings } from "./host";
import { commonLabels } from "./metadata";

/**
 * The way to addresses without a name. What an application dials is all that there is of them, and Istio's tunnels name one
 * host each; so in the namespaces of clients an EnvoyFilter has sidecars ask the gateway, by CONNECT in their mutual TLS,
 * for the very address and port that was dialled. The gateway asks who and what, as of every CONNECT.
 *
 * The filter is its namespace's; the cluster that it leads to is known to the sidecars only of those that are granted the
 * destination, as their Sidecars import its name. Others' connections end there, and their sidecars log it.
 */
export function planAddresses(args: DestinationArgs, ports: readonly ExternalPort[]): Manifest[] {
  const { name, clients, gateway, timeouts = {} } = args;
  const exportTo = sortedUnique(clients.map(({ namespace }) => namespace));
  const host = addressesName(name);
  const metadata = { name: host, namespace: gateway.namespace, labels: commonLabels() };
  const settings = tcpSettings(timeouts);
  return [
    {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata,
      spec: {
        hosts: [host],
        exportTo,
        location: "MESH_EXTERNAL",
        // As requests: what is dialled on this port without a tunnel is none, and ends at the sidecar or at the policies.
        ports: [{ name: "http2-connect", number: connectPort, protocol: "HTTP2", targetPort: connectPort }],
        resolution: "STATIC",
        workloadSelector: { labels: gatewaySelector(gateway.name) },
        subjectAltNames: [spiffeId(gateway.mesh, gateway.namespace, gateway.name)],
      },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata,
      spec: {
        host,
        exportTo,
        trafficPolicy: {
          tls: { mode: "ISTIO_MUTUAL", sni: host },
          ...(Object.keys(settings).length === 0 ? {} : { connectionPool: settings }),
        },
      },
    },
    ...exportTo.map((namespace) => intoTunnels(args, ports, namespace)),
  ];
}

/** Name of the EnvoyFilter in a client's namespace. */
export function addressesFilterName(destination: string): string {
  return `addresses-${destination}`;
}

/**
 * A filter chain for the addresses: in the listener that takes what no other is for, and in those of the granted ports, should
 * there be one for all addresses that has another reason to be there.
 */
function intoTunnels(
  { name, addresses = [], timeouts = {} }: DestinationArgs,
  ports: readonly ExternalPort[],
  namespace: string,
): Manifest {
  const value = {
    name: addressesFilterName(name),
    filter_chain_match: { prefix_ranges: sortedUnique(addresses).map((each) => cidrRange(asRange(each))) },
    filters: [
      {
        name: "envoy.filters.network.tcp_proxy",
        typed_config: {
          "@type": type("filters.network.tcp_proxy.v3.TcpProxy"),
          stat_prefix: addressesFilterName(name),
          cluster: `outbound|${connectPort}||${addressesName(name)}`,
          tunneling_config: { hostname: "%DOWNSTREAM_LOCAL_ADDRESS%" },
          ...(timeouts.idle === undefined ? {} : { idle_timeout: inSeconds(timeouts.idle) }),
          access_log: [logOfRefusalsAtHome("tcp", "!has(upstream.address)")],
        },
      },
    ],
  };
  return envoyFilter(
    { name: addressesFilterName(name), namespace },
    {
      patches: ["virtualOutbound", ...ports.map(({ port }) => `0.0.0.0_${port}`)].map((listener) => ({
        applyTo: "FILTER_CHAIN",
        match: { context: "SIDECAR_OUTBOUND", listener: { name: listener } },
        patch: { operation: "ADD", value },
      })),
    },
  );
}
