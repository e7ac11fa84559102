/**
 * Speaks for one network namespace: the test starts it inside and tells it over IPC whom to call. It also plays the
 * API server where the enforcer runs.
 */
import * as dgram from "node:dgram";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { FakeApi } from "../../unit/lab/netpol/fake-api";

export interface Call {
  to: string;
  port: number;
  /** Source address. @default the namespace's own choice */
  from?: string;
  /** How long an answer is waited for: no longer than it takes to come. Milliseconds. @default 2500 */
  patience?: number;
}

/** "silent" is what a dropped packet looks like. */
export type Answer = "answered" | "refused" | "silent";

const usualPatience = 2_500;
const api = new FakeApi();
const served: net.Socket[] = [];
const held: { socket: net.Socket; bytes: number }[] = [];
let datagrams = 0;

const methods = {
  /** Echoes what comes on these ports, TCP and UDP. */
  async serve(ports: number[]): Promise<void> {
    for (const port of ports) {
      const server = net.createServer((socket) => {
        served.push(socket);
        socket.on("error", () => undefined);
        socket.on("data", (data) => socket.write(data));
      });
      await new Promise<void>((resolve) => server.listen(port, "::", resolve));
      const udp = dgram.createSocket("udp4");
      udp.on("message", (message, { port, address }) => {
        datagrams++;
        udp.send(message, port, address);
      });
      await new Promise<void>((resolve) => udp.bind(port, resolve));
    }
  },

  tcp({ to, port, from, patience = usualPatience }: Call): Promise<Answer> {
    return new Promise((resolve) => {
      const socket = net.connect({ host: to, port, localAddress: from });
      const finish = (answer: Answer): void => {
        socket.destroy();
        resolve(answer);
      };
      socket.setTimeout(patience, () => finish("silent"));
      socket.on("error", () => finish("refused"));
      socket.on("connect", () => socket.write("?"));
      socket.on("data", () => finish("answered"));
    });
  },

  async udp({ to, port, from, patience = usualPatience }: Call): Promise<Answer> {
    const socket = dgram.createSocket("udp4");
    if (from !== undefined) await new Promise<void>((resolve) => socket.bind(0, from, resolve));
    await new Promise<void>((resolve) => socket.connect(port, to, resolve));
    const answer = new Promise<Answer>((resolve) => {
      socket.on("error", () => resolve("refused"));
      socket.on("message", () => resolve("answered"));
    });
    socket.send("?");
    const first = await Promise.race([answer, sleep(patience, "silent" as const)]);
    socket.close();
    return first;
  },

  /** Opens a TCP connection and keeps it; gives its number. */
  async hold({ to, port }: Call): Promise<number> {
    const socket = net.connect(port, to);
    const connection = { socket, bytes: 0 };
    socket.on("data", (data) => (connection.bytes += data.length));
    socket.on("error", () => undefined);
    await new Promise<void>((resolve) => socket.on("connect", resolve));
    return held.push(connection) - 1;
  },

  async say(number: number): Promise<void> {
    held[number]!.socket.write("!");
  },

  /** Bytes that came over a held connection so far. */
  async heard(number: number): Promise<number> {
    return held[number]!.bytes;
  },

  /** The serving side speaks up by itself on every connection it has. */
  async push(): Promise<void> {
    for (const socket of served) socket.write("!");
  },

  /** Datagrams that came to the served ports so far, answered or not. */
  async datagrams(): Promise<number> {
    return datagrams;
  },

  startApi: (): Promise<string> => api.start(),
  put: async (path: string, object: Parameters<FakeApi["put"]>[1]): Promise<void> => api.put(path, object),
  remove: async (path: string, object: Parameters<FakeApi["remove"]>[1]): Promise<void> => api.remove(path, object),
  outage: async (status?: number): Promise<void> => {
    api.outage = status ?? undefined;
    if (status) api.cutConnections();
  },
};

export type Methods = typeof methods;

interface Question {
  id: number;
  method: keyof Methods;
  args: unknown[];
}

process.on("message", ({ id, method, args }: Question) => {
  const answers = methods as Record<string, (...args: never[]) => Promise<unknown>>;
  answers[method]!(...(args as never[])).then(
    (result) => process.send?.({ id, result }),
    (error: Error) => process.send?.({ id, error: error.message }),
  );
});
process.on("disconnect", () => process.exit());
