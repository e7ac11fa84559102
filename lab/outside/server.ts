import { Authority } from "../certificates";
import { tcpEchoServer, udpEchoSocket } from "./echo-servers";
import { grpcServer } from "./grpc";
import { echo, echo6, OutsideHost, outsideHosts } from "./hosts";
import { bind, Endpoint, listen, Listener } from "./listening";
import { lineServer } from "./line-server";
import { proxyServer } from "./proxy";
import { quicSocket } from "./quic";
import { RequestLog } from "./request-log";
import { SecureContexts } from "./secure-contexts";
import { httpServer, httpsServer } from "./web";

export interface OutsideOptions {
  /** Signs the certificates of every host. */
  authority: Authority;
  /** Is told of everything that reaches the outside. */
  log: RequestLog;
  /** Where to listen for an endpoint of the outside. @default there */
  place?: (endpoint: Endpoint) => Endpoint;
}

export interface Outside {
  /** Where an endpoint of the outside is served over TCP, and over UDP. */
  endpoints: { declared: Endpoint; protocol: "tcp" | "udp"; actual: Endpoint }[];
  /** Ends every listener and every open connection. */
  close(): Promise<void>;
}

/** Starts the whole outside: every port of every host, and the echo. Nothing listens any more when one of them fails. */
export async function startOutside({
  authority,
  log,
  place = (endpoint) => endpoint,
}: OutsideOptions): Promise<Outside> {
  const contexts = new SecureContexts(authority);
  const listeners: Listener[] = [];
  const endpoints: Outside["endpoints"] = [];
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  const keep = (declared: Endpoint, protocol: "tcp" | "udp", listener: Listener): void => {
    listeners.push(listener);
    endpoints.push({ declared, protocol, actual: listener.endpoint });
  };
  const serve = async (host: OutsideHost): Promise<void> => {
    for (const port of host.httpPorts) {
      const declared = { address: host.address, port };
      keep(declared, "tcp", await listen(httpServer(host, port, log), place(declared)));
    }
    for (const port of host.httpsPorts) {
      const declared = { address: host.address, port };
      keep(declared, "tcp", await listen(await httpsServer(host, port, contexts, log), place(declared)));
    }
    for (const port of host.proxyPorts ?? []) {
      const declared = { address: host.address, port };
      keep(declared, "tcp", await listen(proxyServer(host, port, outsideHosts, log), place(declared)));
    }
    for (const [port, how] of Object.entries(host.grpcPorts ?? {})) {
      const declared = { address: host.address, port: Number(port) };
      const server = grpcServer(host, declared.port, how === "tls" ? contexts : undefined, log);
      keep(declared, "tcp", await listen(server, place(declared)));
    }
    for (const [port, first] of Object.entries(host.linePorts ?? {})) {
      const declared = { address: host.address, port: Number(port) };
      keep(declared, "tcp", await listen(lineServer(host, declared.port, first, log), place(declared)));
    }
    for (const port of host.quicPorts ?? []) {
      const declared = { address: host.address, port };
      keep(declared, "udp", await bind(quicSocket(declared, place(declared), log), place(declared)));
    }
  };
  try {
    for (const host of outsideHosts) {
      for (const address of [host.address, ...(host.moreAddresses ?? [])]) await serve({ ...host, address });
    }
    for (const each of [echo, echo6]) {
      keep(each, "tcp", await listen(tcpEchoServer(each, log), place(each)));
      keep(each, "udp", await bind(udpEchoSocket(each, place(each), log), place(each)));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoints, close };
}
