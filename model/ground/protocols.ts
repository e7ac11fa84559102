/** What an application speaks when it calls a host: plain HTTP, or TLS of its own. */
export type Protocol = "http" | "https";

/** What is spoken on a port of a destination's own: these two, or anything else over TCP. */
export type PortProtocol = Protocol | "tcp";

interface ProtocolTraits {
  /** Port of the external host, unless something says otherwise. */
  port: number;
  /** The port of the name in the sidecar: how it is called, and what Istio takes the application's bytes for. */
  sidecar: { name: string; protocol: "HTTP" | "TLS" };
  /** Where it arrives at a gateway: the pods' port, and what the Gateway's server there takes off. */
  gateway: { port: number; server: { name: string; protocol: "HTTPS" | "TLS" } };
  /** What a caller is told that the gateway refuses. */
  refusal: string;
}

/** What each protocol means on its way: everything that is told apart by protocol is told apart here. */
export const protocolTable = {
  http: {
    port: 80,
    sidecar: { name: "http", protocol: "HTTP" },
    gateway: { port: 8080, server: { name: "https", protocol: "HTTPS" } },
    refusal: "403",
  },
  https: {
    port: 443,
    sidecar: { name: "tls", protocol: "TLS" },
    gateway: { port: 8443, server: { name: "tls", protocol: "TLS" } },
    refusal: "TLS reset",
  },
} as const satisfies Record<Protocol, ProtocolTraits>;

/** Every protocol, in the order of the table. */
export const protocols = Object.keys(protocolTable) as Protocol[];

/** The same, and TCP as it is. */
export const portProtocols: readonly PortProtocol[] = [...protocols, "tcp"];

/**
 * Where a gateway takes connections to every other port: as CONNECT requests in mutual TLS, which name host and port.
 * One port of the gateway serves all ports of external hosts.
 */
export const connect = {
  gateway: { port: 8445, server: { name: "https-connect", protocol: "HTTPS" } },
  refusal: "the connection is closed",
} as const;

/** Where the observer takes connections of every port, as bytes in mutual TLS. */
export const observe = { gateway: { port: 9443, server: { name: "tls-observed", protocol: "TLS" } } } as const;

/** Where a gateway takes requests for which it opens TLS itself, in the same way. */
export const originate = { gateway: { port: 8081, server: { name: "https-originate", protocol: "HTTPS" } } } as const;

/** The port on which a host is called by a protocol where nothing else is said. */
export function defaultPort(protocol: Protocol): number {
  return protocolTable[protocol].port;
}

/** The default port of every protocol. */
export function defaultPorts(): Record<Protocol, number> {
  return Object.fromEntries(protocols.map((protocol) => [protocol, defaultPort(protocol)])) as Record<Protocol, number>;
}

/** The scheme's own protocol: WebSockets begin as HTTP requests. Undefined for a scheme that is none of the table's. */
export function protocolOfScheme(scheme: string): Protocol | undefined {
  return { http: "http", ws: "http", https: "https", wss: "https" }[scheme] as Protocol | undefined;
}
