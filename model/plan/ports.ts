import { observe, Protocol, protocols, protocolTable } from "../ground/protocols";

/** How a ServiceEntry says that the application dials a host by this protocol, and where that arrives at a gateway. */
export function sidecarPort(protocol: Protocol) {
  const { port, sidecar, gateway } = protocolTable[protocol];
  return { name: sidecar.name, number: port, protocol: sidecar.protocol, targetPort: gateway.port };
}

/** The port of a Gateway's server that takes this protocol. */
export function serverPort(protocol: Protocol) {
  const { port, gateway } = protocolTable[protocol];
  return { number: port, ...gateway.server };
}

/** The ports of a gateway's Service: istiod reads here which of the pods' ports a server opens. */
export const gatewayServicePorts = protocols.map((protocol) => {
  const { port, gateway } = protocolTable[protocol];
  return { name: gateway.server.name, port, targetPort: gateway.port, protocol: "TCP" };
});

/** The ports of a gateway's pods. */
export const gatewayPodPorts = protocols.map((protocol) => {
  const { gateway } = protocolTable[protocol];
  return { name: gateway.server.name, containerPort: gateway.port, protocol: "TCP" };
});

/** A port of a Service that has the number of the pods' own. */
export function servicePort({ name, number }: { name: string; number: number }) {
  return { name, port: number, targetPort: number, protocol: "TCP" };
}

/** The port of the observer's Service, and of its Gateway's server. */
export const observerServicePorts = [servicePort({ name: observe.gateway.server.name, number: observe.gateway.port })];

/** The port of the observer's pods. */
export const observerPodPorts = [
  { name: observe.gateway.server.name, containerPort: observe.gateway.port, protocol: "TCP" },
];
