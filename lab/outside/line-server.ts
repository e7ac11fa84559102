import * as net from "node:net";
import * as readline from "node:readline";
import { OutsideHost } from "./hosts";
import { RequestLog } from "./request-log";

/**
 * Speaks lines of text: each line is answered by one that tells the host's name, the port and the line; and the end of the
 * client's by a last line that tells how many there were, as of a client that has sent all and still listens.
 *
 * @param first who begins: a server that does greets its caller before anything is asked
 */
export function lineServer(host: OutsideHost, port: number, first: "client" | "server", log: RequestLog): net.Server {
  const me = `${host.names[0]}:${port}`;
  return net.createServer({ allowHalfOpen: true }, (socket) => {
    const from = `${socket.remoteAddress}:${socket.remotePort}`;
    log({ time: new Date().toISOString(), from, address: host.address, port, scheme: "tcp" });
    socket.on("error", () => socket.destroy());
    if (first === "server") {
      socket.write(`220 ${me} ready\r\n`);
    }
    let lines = 0;
    readline
      .createInterface({ input: socket })
      .on("line", (line) => {
        lines += 1;
        socket.write(`250 ${me} ${line}\r\n`);
      })
      // It hands the socket's error on as one of its own; a caller may end as it likes.
      .on("error", () => socket.destroy())
      .on("close", () => socket.end(`221 ${me} ${lines} lines\r\n`));
  });
}
