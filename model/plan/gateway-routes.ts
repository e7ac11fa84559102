import { Manifest } from "../ground/manifest";
import { protocols } from "../ground/protocols";
import { connectPort, connectRoute, connects, connectServerPort } from "./gateway-connect";
import { originates, originationRoutes, originationServerPort } from "./gateway-origination";
import { ownRoutes } from "./gateway-private-hosts";
import { handsOnConnect, proxyRoutes } from "./gateway-proxy";
import { commonLabels } from "./metadata";
import { serverPort, sidecarPort } from "./ports";
import { GatewayArgs } from "./args";
import { gatewayPodLabel, gatewaySelector, externalPorts } from "../ground/names";

/**
 * A destination that only gives istiod something to route to: the EnvoyFilter points both routes at the forwarding
 * cluster. It has no endpoint, so that nothing gets out should that filter be missing.
 */
function placeholderHost({ name }: GatewayName): string {
  return `any-allowed-host.${name}.local`;
}

type GatewayName = Pick<
  GatewayArgs,
  "name" | "namespace" | "mesh" | "ports" | "originates" | "privateHosts" | "timedHosts" | "proxies"
>;

/** Headers that tell of the mesh: who asks, from which pod, through which proxies. External hosts get none of them. */
export const headersOfTheMesh = [
  "x-envoy-attempt-count",
  "x-envoy-decorator-operation",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-external-address",
  "x-envoy-internal",
  "x-envoy-original-path",
  "x-envoy-peer-metadata",
  "x-envoy-peer-metadata-id",
  "x-forwarded-client-cert",
  "x-forwarded-for",
  "x-forwarded-proto",
];

/** The gateway's listeners, open to any name under mTLS, and one route for each. */
export function gatewayRoutes(of: GatewayName): Manifest[] {
  return [gateway(of), virtualService(of), placeholder(of)];
}

/** The ports of a gateway's servers beside those of the protocols; its Service has them under the same numbers. */
export function furtherServerPorts(
  of: Pick<GatewayName, "mesh" | "ports" | "originates">,
): { number: number; name: string; protocol: string }[] {
  return [...(connects(of) ? [connectServerPort] : []), ...(originates(of) ? [originationServerPort] : [])];
}

function gateway(of: GatewayName): Manifest {
  const tls = { mode: "ISTIO_MUTUAL" };
  // Any name, but routes of this namespace only: a VirtualService of anybody else's cannot lead elsewhere what a policy
  // has let pass.
  const hosts = ["./*"];
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: metadata(of),
    spec: {
      selector: gatewayPods(of),
      servers: [...protocols.map(serverPort), ...furtherServerPorts(of)].map((port) => ({ port, hosts, tls })),
    },
  };
}

/**
 * The pods that a Gateway opens ports on. A mesh of the stack's own looks for them in the Gateway's namespace only;
 * elsewhere it is their label that tells them from those of another stack.
 */
export function gatewayPods({ name, namespace, mesh }: GatewayName): Record<string, string> {
  return { ...gatewaySelector(name), ...(mesh?.foreign === true ? gatewayPodLabel(name, namespace) : {}) };
}

function virtualService(of: GatewayName): Manifest {
  const plain = {
    headers: { request: { remove: headersOfTheMesh } },
    route: [toPlaceholder(of, externalPorts.http)],
  };
  const byConnect = { route: [toPlaceholder(of, externalPorts.http)] };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: metadata(of),
    spec: {
      hosts: ["*"],
      gateways: [of.name],
      exportTo: ["."],
      http: [
        ...ownRoutes(of, { http: plain, connect: byConnect }),
        ...proxyRoutes(of, { ...plain, ...byConnect }),
        { match: [{ port: externalPorts.http }], ...plain },
        ...(connects(of)
          ? [
              {
                ...(handsOnConnect(of) ? { name: connectRoute } : {}),
                ...{ match: [{ port: connectPort }], ...byConnect },
              },
            ]
          : []),
        ...(originates(of) ? originationRoutes(of, plain) : []),
      ],
      tcp: [{ match: [{ port: externalPorts.tls }], route: [toPlaceholder(of, externalPorts.tls)] }],
    },
  };
}

function toPlaceholder(of: GatewayName, port: number): Record<string, unknown> {
  return { destination: { host: placeholderHost(of), port: { number: port } } };
}

function placeholder(of: GatewayName): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: metadata(of),
    spec: {
      hosts: [placeholderHost(of)],
      exportTo: ["."],
      location: "MESH_EXTERNAL",
      ports: protocols.map(sidecarPort).map(({ name, number, protocol }) => ({ name, number, protocol })),
      resolution: "STATIC",
    },
  };
}

function metadata({ name, namespace }: GatewayName): Manifest["metadata"] {
  return { name, namespace, labels: commonLabels() };
}
