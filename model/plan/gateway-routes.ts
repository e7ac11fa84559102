import { Manifest } from "../manifest";
import { commonLabels } from "./metadata";
import { gatewayName, gatewaySelector, outsidePorts } from "./names";

/**
 * A destination that only gives istiod something to route to: the EnvoyFilter points both routes at the forwarding
 * cluster. It has no endpoint, so that nothing gets out should that filter be missing.
 */
const placeholderHost = "any-allowed-host.egress-gateway.local";

/** Headers that tell of the mesh: who asks, from which pod, through which proxies. The outside gets none of them. */
const headersOfTheMesh = [
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

/** The gateway's two listeners, open to any name under mTLS, and one route for each. */
export function gatewayRoutes(namespace: string): Manifest[] {
  return [gateway(namespace), virtualService(namespace), placeholder(namespace)];
}

function gateway(namespace: string): Manifest {
  const tls = { mode: "ISTIO_MUTUAL" };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: metadata(namespace),
    spec: {
      selector: gatewaySelector,
      servers: [
        { port: { number: outsidePorts.http, name: "https", protocol: "HTTPS" }, hosts: ["*"], tls },
        { port: { number: outsidePorts.tls, name: "tls", protocol: "TLS" }, hosts: ["*"], tls },
      ],
    },
  };
}

function virtualService(namespace: string): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: metadata(namespace),
    spec: {
      hosts: ["*"],
      gateways: [gatewayName],
      exportTo: ["."],
      http: [
        {
          match: [{ port: outsidePorts.http }],
          headers: { request: { remove: headersOfTheMesh } },
          route: [toPlaceholder(outsidePorts.http)],
        },
      ],
      tcp: [{ match: [{ port: outsidePorts.tls }], route: [toPlaceholder(outsidePorts.tls)] }],
    },
  };
}

function toPlaceholder(port: number): Record<string, unknown> {
  return { destination: { host: placeholderHost, port: { number: port } } };
}

function placeholder(namespace: string): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: metadata(namespace),
    spec: {
      hosts: [placeholderHost],
      exportTo: ["."],
      location: "MESH_EXTERNAL",
      ports: [
        { name: "http", number: outsidePorts.http, protocol: "HTTP" },
        { name: "tls", number: outsidePorts.tls, protocol: "TLS" },
      ],
      resolution: "STATIC",
    },
  };
}

function metadata(namespace: string): Manifest["metadata"] {
  return { name: gatewayName, namespace, labels: commonLabels() };
}
