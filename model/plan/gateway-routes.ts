import { Manifest } from "../ground/manifest";
import { protocols } from "../ground/protocols";
import { furtherPorts, routesOfParts } from "./gateway-parts";
import { commonLabels } from "./metadata";
import { serverPort, sidecarPort } from "./ports";
import { GatewayArgs } from "./args";
import { externalPorts, gatewayPodLabel, gatewaySelector, serviceHost } from "../ground/names";

/**
 * A destination that only gives istiod something to route to: the EnvoyFilter points both routes at the forwarding
 * cluster. It has no endpoint, so that nothing gets out should that filter be missing.
 */
function placeholderHost({ name }: GatewayArgs): string {
  return `any-allowed-host.${name}.local`;
}

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

/**
 * The Service by which istiod finds the port of a gateway's pods that a server of the Gateway listens on. Without it istiod asks
 * all that select these pods, the oldest first, and ServiceEntries of hosts do as well: one that is older than the Service, as
 * that of a destination which has moved to a new gateway, would say that port 80 is the one for TLS that the gateway opens.
 *
 * Source: Istio, pilot/pkg/model/push_context.go; seen with 1.31. It is how Istio's own gateways of the Gateway API are told.
 */
const serviceAnnotation = "internal.istio.io/gateway-service";

/** The gateway's listeners, open to any name under mTLS, and one route for each. */
export function gatewayRoutes(of: GatewayArgs): Manifest[] {
  return [gateway(of), virtualService(of), placeholder(of)];
}

function gateway(of: GatewayArgs): Manifest {
  const tls = { mode: "ISTIO_MUTUAL" };
  // Any name, but routes of this namespace only: a VirtualService of anybody else's cannot lead elsewhere what a policy
  // has let pass.
  const hosts = ["./*"];
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { ...metadata(of), annotations: { [serviceAnnotation]: serviceHost(of.name, of.namespace) } },
    spec: {
      selector: gatewayPods(of),
      servers: [...protocols.map(serverPort), ...furtherPorts(of).map(({ server }) => server)].map((port) => ({
        port,
        hosts,
        tls,
      })),
    },
  };
}

/**
 * The pods that a Gateway opens ports on. A mesh of the stack's own looks for them in the Gateway's namespace only;
 * elsewhere it is their label that tells them from those of another stack.
 */
export function gatewayPods({
  name,
  namespace,
  mesh,
}: Pick<GatewayArgs, "name" | "namespace" | "mesh">): Record<string, string> {
  return { ...gatewaySelector(name), ...(mesh?.foreign === true ? gatewayPodLabel(name, namespace) : {}) };
}

function virtualService(of: GatewayArgs): Manifest {
  const route = [toPlaceholder(of, externalPorts.http)];
  const on = { http: { headers: { request: { remove: headersOfTheMesh } }, route }, connect: { route } };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: metadata(of),
    spec: {
      hosts: ["*"],
      gateways: [of.name],
      exportTo: ["."],
      http: [
        ...routesOfParts(of, on),
        { match: [{ port: externalPorts.http }], ...on.http },
        ...furtherPorts(of).flatMap(({ routes }) => routes(on)),
      ],
      tcp: [{ match: [{ port: externalPorts.tls }], route: [toPlaceholder(of, externalPorts.tls)] }],
    },
  };
}

function toPlaceholder(of: GatewayArgs, port: number): Record<string, unknown> {
  return { destination: { host: placeholderHost(of), port: { number: port } } };
}

function placeholder(of: GatewayArgs): Manifest {
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

function metadata({ name, namespace }: GatewayArgs): Manifest["metadata"] {
  return { name, namespace, labels: commonLabels() };
}
