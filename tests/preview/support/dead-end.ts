import { once } from "node:events";
import * as net from "node:net";

/** A proxy that everything bound for the network is sent to, and that leads nowhere: it counts who came. */
export class DeadEnd {
  /** Connections that were asked for, in words of whoever asked. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: net.Server,
    /** For the process that shall have no other way out. */
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async open(): Promise<DeadEnd> {
    const server = net.createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
    const local = "localhost,127.0.0.1";
    const deadEnd = new DeadEnd(server, {
      ...{ HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: local },
      ...{ http_proxy: url, https_proxy: url, no_proxy: local },
    });
    server.on("connection", (socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (data) => {
        deadEnd.asked.push(data.toString("utf8").split("\r\n")[0]!);
        socket.destroy();
      });
    });
    return deadEnd;
  }

  async close(): Promise<void> {
    this.server.close();
    await once(this.server, "close");
  }
}
