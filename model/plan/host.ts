import { Protocol } from "../config/types";
import { entriesOf } from "../ground/hosts";
import { Manifest } from "../ground/manifest";
import { ExternalPort } from "../ground/ports";
import { Timeouts } from "../ground/timeouts";
import { tunnelledPort, tunnelRoutes, tunnels } from "./connect-host";
import { originationPort } from "./gateway-origination";
import { tcpKeepalive } from "./keepalive";
import { commonLabels } from "./metadata";
import { GatewayRef } from "./args";
import { sidecarPort } from "./ports";
import { gatewaySelector, hostObjectName, outerSni, spiffeId } from "../ground/names";

/** Hosts that are granted together, and are reached in the same ways. */
export interface HostsArgs {
  /** Name of their destination. */
  name: string;
  hosts: string[];
  /** In the order of the table of protocols. */
  protocols: Protocol[];
  /** Other ports, in the order of their numbers. */
  ports: ExternalPort[];
  timeouts: Timeouts;
  /** Whether the gateway opens TLS for what is called by http. */
  originated: boolean;
  /** Namespaces that may know of the hosts: those with a workload that is granted them. Never the gateway's own. */
  clientNamespaces: string[];
  gateway: GatewayRef;
}

/**
 * The way from sidecars to the gateway for the hosts of a destination, where the gateway forwards by name: the names'
 * only endpoints are the gateway's pods, reached under mTLS with the name as SNI, so that the gateway knows over TLS too
 * which host is meant. One ServiceEntry has all of the names; each takes a DestinationRule, for its SNI.
 *
 * A port beside 80 and 443 is a tunnel through the gateway, which names host and port; a VirtualService leads into it.
 *
 * The objects stand in the gateway's namespace and are exported to the clients' namespaces, so their number does not
 * grow with these. The gateway itself must not see them: for it a name is the real host.
 */
export function planHosts(args: HostsArgs): Manifest[] {
  const { name: destination, hosts, ports, timeouts, clientNamespaces: exportTo, gateway } = args;
  const metadata = (name: string) => ({ name, namespace: gateway.namespace, labels: commonLabels() });
  return [
    ...entriesOf({ name: destination, hosts, apart: ports.length > 0 }).map((entry) => ({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: metadata(entry.name),
      spec: { hosts: entry.hosts, exportTo, location: "MESH_EXTERNAL", ...throughGateway(args) },
    })),
    ...hosts.map((host) => ({
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: metadata(hostObjectName(host)),
      spec: { host, exportTo, ...mutualTls(host, args), ...tunnels(host, ports, timeouts) },
    })),
    ...hosts.flatMap((host) => tunnelRoutes(host, args)),
  ];
}

/** Connections to the host go in mutual TLS with the host, or a wildcard's suffix, as SNI, whatever the mesh does elsewhere. */
export function mutualTls(host: string, of: Pick<HostsArgs, "protocols" | "timeouts">): Record<string, unknown> {
  return { trafficPolicy: { tls: { mode: "ISTIO_MUTUAL", sni: outerSni(host) }, ...connectionPool(of) } };
}

/** What holds for connections to the host, from a sidecar to the gateway and, where hosts are listed, from there on. */
export function connectionPool(
  { protocols, timeouts }: Pick<HostsArgs, "protocols" | "timeouts">,
  tcp: Record<string, unknown> = {},
): Record<string, unknown> {
  const settings = {
    // HTTP/2 stays HTTP/2, or gRPC would lose its trailers; HTTP/1 stays HTTP/1, or a WebSocket could not be opened.
    ...(protocols.includes("http") ? { http: { useClientProtocol: true } } : {}),
    ...tcpSettings(timeouts, tcp),
  };
  return Object.keys(settings).length === 0 ? {} : { connectionPool: settings };
}

/** Where a connection may be silent for other than an hour, whether the peer is there is asked as often as at the gateway. */
export function tcpSettings({ idle }: Timeouts, tcp: Record<string, unknown> = {}): Record<string, unknown> {
  const settings = { ...(idle === undefined ? {} : { idleTimeout: idle, tcpKeepalive }), ...tcp };
  return Object.keys(settings).length === 0 ? {} : { tcp: settings };
}

/**
 * The endpoints are the gateway's pods themselves, told to sidecars by istiod as they become ready and go. By the name
 * of the gateway's Service instead, a sidecar that asks before a gateway pod is ready keeps "no such host" for a whole
 * minute (Istio's dnsRefreshRate), and pods that are gone for as long as the answer lives.
 */
function throughGateway({ protocols, ports, originated, gateway }: HostsArgs): Record<string, unknown> {
  return {
    ports: [
      ...protocols.map((protocol) => ({
        ...sidecarPort(protocol),
        ...(originated && protocol === "http" ? { targetPort: originationPort } : {}),
      })),
      ...ports.map(tunnelledPort),
    ],
    resolution: "STATIC",
    workloadSelector: { labels: gatewaySelector(gateway.name) },
    subjectAltNames: [spiffeId(gateway.mesh, gateway.namespace, gateway.name)],
  };
}
