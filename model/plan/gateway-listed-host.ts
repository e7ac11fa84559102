import { defaultConnect } from "../ground/timeouts";
import { entriesOf } from "../ground/hosts";
import { Manifest } from "../ground/manifest";
import { gatewayPods, headersOfTheMesh } from "./gateway-routes";
import { connectionPool, HostsArgs } from "./host";
import { tcpKeepalive } from "./keepalive";
import { commonLabels } from "./metadata";
import { serverPort, sidecarPort } from "./ports";
import { hostLabel, externalPorts } from "../ground/names";

/**
 * The hosts of a destination as a gateway lists them: for each of them servers that take connections under mTLS with the
 * name as SNI, and routes from them to the host and to nowhere else, whatever the request inside says.
 *
 * Each host has a Gateway of its own, because a TLS server takes the first tcp route that is bound to its Gateway.
 */
export function gatewayHosts(args: HostsArgs): Manifest[] {
  const perHost = args.hosts.flatMap((host) => {
    const hostArgs = { ...args, host };
    return [gateway(hostArgs), virtualService(hostArgs), towardsHost(hostArgs)];
  });
  return [...realHosts(args), ...perHost];
}

interface HostArgs extends Pick<HostsArgs, "protocols" | "timeouts" | "gateway"> {
  host: string;
}

function gateway(args: HostArgs): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    // Istio takes no dots in the names of Gateways that routes refer to.
    metadata: { ...metadata(args), name: hostLabel(args.host) },
    spec: {
      selector: gatewayPods(args.gateway),
      servers: args.protocols.map((protocol) => ({
        port: serverPort(protocol),
        // Routes of this namespace only may lead on from here.
        hosts: [`./${args.host}`],
        tls: { mode: "ISTIO_MUTUAL" },
      })),
    },
  };
}

function virtualService(args: HostArgs): Manifest {
  const { host, protocols, timeouts } = args;
  const routeTo = (port: number) => [{ destination: { host, port: { number: port } } }];
  const http = [
    {
      match: [{ port: externalPorts.http }],
      headers: { request: { remove: headersOfTheMesh } },
      ...(timeouts.request === undefined ? {} : { timeout: timeouts.request }),
      route: routeTo(externalPorts.http),
    },
  ];
  const tcp = [{ match: [{ port: externalPorts.tls }], route: routeTo(externalPorts.tls) }];
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: metadata(args),
    spec: {
      hosts: [host],
      gateways: [hostLabel(host)],
      exportTo: ["."],
      ...(protocols.includes("http") ? { http } : {}),
      ...(protocols.includes("https") ? { tcp } : {}),
    },
  };
}

/** What the names mean to the gateway alone: each the real host, by DNS. */
function realHosts(args: HostsArgs): Manifest[] {
  return entriesOf(args).map(({ name, hosts }) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name, namespace: args.gateway.namespace, labels: commonLabels() },
    spec: {
      hosts,
      exportTo: ["."],
      location: "MESH_EXTERNAL",
      ports: args.protocols.map(sidecarPort).map(({ name, number, protocol }) => ({ name, number, protocol })),
      resolution: "DNS",
    },
  }));
}

/** No mutual TLS of the mesh's towards the host, and connections that no NAT on the way forgets. */
function towardsHost(args: HostArgs): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: metadata(args),
    spec: {
      host: args.host,
      exportTo: ["."],
      trafficPolicy: {
        tls: { mode: "DISABLE" },
        ...connectionPool(args, { connectTimeout: args.timeouts.connect ?? defaultConnect, tcpKeepalive }),
      },
    },
  };
}

function metadata({ host, gateway: { namespace } }: HostArgs): Manifest["metadata"] {
  return { name: host, namespace, labels: commonLabels() };
}
