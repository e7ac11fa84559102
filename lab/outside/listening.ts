import * as dgram from "node:dgram";
import { once } from "node:events";
import * as net from "node:net";
import { LabError } from "../errors";

export interface Endpoint {
  address: string;
  port: number;
}

/** A socket that listens, and how to end it together with its open connections. */
export interface Listener {
  /** Where it listens in fact: the port is a chosen one when 0 was asked for. */
  endpoint: Endpoint;
  close(): Promise<void>;
}

/** Lets a server listen. @throws LabError when it cannot */
export async function listen(server: net.Server, endpoint: Endpoint): Promise<Listener> {
  const open = new Set<net.Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  await started(server, endpoint, () => server.listen(endpoint.port, endpoint.address));
  return {
    endpoint: { ...endpoint, port: (server.address() as net.AddressInfo).port },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** A UDP socket for the family of an address. */
export function udpSocket({ address }: Endpoint): dgram.Socket {
  return dgram.createSocket(net.isIPv6(address) ? "udp6" : "udp4");
}

/** Binds a UDP socket. @throws LabError when it cannot */
export async function bind(socket: dgram.Socket, endpoint: Endpoint): Promise<Listener> {
  await started(socket, endpoint, () => socket.bind(endpoint.port, endpoint.address));
  return {
    endpoint: { ...endpoint, port: socket.address().port },
    close: async () => {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

async function started(emitter: NodeJS.EventEmitter, { address, port }: Endpoint, start: () => void): Promise<void> {
  const listening = once(emitter, "listening");
  start();
  try {
    await listening;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new LabError(`The outside cannot listen on ${address}:${port}: ${causes[code] ?? code}.`);
  }
}

const causes: Record<string, string> = {
  EADDRINUSE: "another process does",
  EADDRNOTAVAIL: "no device of this network namespace has the address",
  EACCES: "ports below 1024 need root",
};
