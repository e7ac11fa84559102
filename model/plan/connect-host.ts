import { Manifest } from "../ground/manifest";
import { ExternalPort } from "../ground/ports";
import { Timeouts } from "../ground/timeouts";
import { HostsArgs, tcpSettings } from "./host";
import { connectPort } from "./gateway-connect";
import { commonLabels } from "./metadata";

/** The way from sidecars to the gateway for one host on other ports than 80 and 443: each port is a tunnel of its own. */

/** How a ServiceEntry says that the application dials such a port: as bytes, whatever is spoken. */
export function tunnelledPort({ port }: ExternalPort) {
  return { name: tunnelName(port), number: port, protocol: "TCP", targetPort: connectPort };
}

function tunnelName(port: number): string {
  return `tcp-${port}`;
}

/**
 * The subsets of the host's DestinationRule. A tunnel has one host and one port, and Istio takes it for no port of its own,
 * so that each port is a subset. HTTP/2 keeps both directions of a connection apart: over HTTP/1 a client that has sent
 * all, and says so, would lose the answer. And connections of one port share one in mutual TLS.
 */
export function tunnels(host: string, ports: readonly ExternalPort[], timeouts: Timeouts): Record<string, unknown> {
  return ports.length === 0
    ? {}
    : {
        subsets: ports.map(({ port }) => ({
          name: tunnelName(port),
          trafficPolicy: {
            tls: { mode: "ISTIO_MUTUAL", sni: host },
            connectionPool: { http: { h2UpgradePolicy: "UPGRADE" }, ...tcpSettings(timeouts) },
            tunnel: { protocol: "CONNECT", targetHost: host, targetPort: port },
          },
        })),
      };
}

/** Leads each port into its tunnel; none for a host without such ports. */
export function tunnelRoutes(host: string, { ports, clientNamespaces, gateway }: HostsArgs): Manifest[] {
  return ports.length === 0
    ? []
    : [
        {
          apiVersion: "networking.istio.io/v1",
          kind: "VirtualService",
          metadata: { name: host, namespace: gateway.namespace, labels: commonLabels() },
          spec: {
            hosts: [host],
            exportTo: clientNamespaces,
            tcp: ports.map(({ port }) => ({
              match: [{ port }],
              route: [{ destination: { host, port: { number: port }, subset: tunnelName(port) } }],
            })),
          },
        },
      ];
}
