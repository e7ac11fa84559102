import * as http from "node:http";
import * as net from "node:net";
import * as tls from "node:tls";
import { setTimeout as wait } from "node:timers/promises";
import { answer, ReceivedRequest } from "./answers";
import { OutsideHost } from "./hosts";
import { RequestLog } from "./request-log";
import { SecureContexts } from "./secure-contexts";

/** A TLS record that holds the fatal alert unrecognized_name (RFC 8446, section 6.2). */
const unrecognizedName = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70]);

/** Context of a handshake whose client gives no name: it has no certificate, so the handshake fails. */
const noCertificate = tls.createSecureContext();

/** The server behind a host's plain HTTP port. */
export function httpServer(host: OutsideHost, port: number, log: RequestLog): http.Server {
  // An idle connection stays open: a server that closes it just as a proxy uses it again makes requests fail at random.
  return http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const received = receive(request);
    const { status, headers, body, delay } = answer(host, received);
    const { from, scheme, sni, method, path } = received;
    const time = new Date().toISOString();
    log({ time, from, address: host.address, port, scheme, host: received.host, sni, method, path, status });
    request.resume();
    response.statusCode = status;
    response.setHeaders(new Map(Object.entries(headers)));
    void wait(delay, undefined, { ref: false }).then(() => response.end(body));
  });
}

/** The server behind a host's HTTPS port: TLS by the name in the handshake, then HTTP. */
export async function httpsServer(
  host: OutsideHost,
  port: number,
  contexts: SecureContexts,
  log: RequestLog,
): Promise<net.Server> {
  const inner = httpServer(host, port, log);
  const secureContext = host.names.length === 0 ? await contexts.forAddress(host) : noCertificate;
  return net.createServer((socket) => {
    const from = peer(socket);
    socket.on("error", () => socket.destroy());
    const secure = new tls.TLSSocket(socket, {
      isServer: true,
      secureContext,
      ALPNProtocols: ["http/1.1"],
      SNICallback: (sni, done) => {
        if (host.names.length === 0) return done(null);
        contexts.forName(host, sni).then((context) => {
          if (context !== undefined) return done(null, context);
          log({ time: new Date().toISOString(), from, address: host.address, port, scheme: "https", sni });
          socket.end(unrecognizedName);
          done(new Error(`${sni} is not a name of ${host.address}`));
        }, done);
      },
    });
    inner.emit("connection", secure);
  });
}

function receive(request: http.IncomingMessage): ReceivedRequest {
  const { socket } = request;
  const secure = socket instanceof tls.TLSSocket;
  return {
    scheme: secure ? "https" : "http",
    method: request.method ?? "",
    path: request.url ?? "",
    host: request.headers.host ?? "",
    sni: secure ? serverName(socket) : undefined,
    from: peer(socket),
    headers: request.headers,
  };
}

function serverName(socket: tls.TLSSocket & { servername?: string | false | null }): string | undefined {
  return socket.servername || undefined;
}

function peer(socket: net.Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}
