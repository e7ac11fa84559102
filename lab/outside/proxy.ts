import * as http from "node:http";
import * as net from "node:net";
import { OutsideHost } from "./hosts";
import { answersTo } from "./names";
import { RequestLog } from "./request-log";

/**
 * A company's proxy: it connects to whatever of the outside it is asked for by CONNECT, looks names up by itself, and answers
 * every other request by 405.
 */
export function proxyServer(
  me: OutsideHost,
  port: number,
  hosts: readonly OutsideHost[],
  log: RequestLog,
): http.Server {
  const server = http.createServer((_request, response) => {
    response.writeHead(405).end();
  });
  server.on("connect", (request, downstream: net.Socket, first: Buffer) => {
    const [, name = "", target = ""] = /^(.*):(\d+)$/.exec(request.url ?? "") ?? [];
    const from = `${downstream.remoteAddress}:${downstream.remotePort}`;
    log({
      ...{ time: new Date().toISOString(), from, address: me.address, port, scheme: "proxy" },
      ...(request.url === undefined ? {} : { host: request.url }),
      headers: Object.keys(request.headers).sort(),
    });
    const host = hosts.find((each) => each.names.length > 0 && answersTo(each, name));
    downstream.on("error", () => downstream.destroy());
    if (host === undefined) {
      downstream.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const to = { host: host.address, port: Number(target), allowHalfOpen: true, noDelay: true };
    const upstream = net.connect(to, () => {
      downstream.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(first);
      downstream.pipe(upstream).pipe(downstream);
    });
    upstream.on("error", () => downstream.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
  });
  return server;
}
