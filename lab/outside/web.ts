import * as http from "node:http";
import * as net from "node:net";
import * as tls from "node:tls";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { answer, ReceivedRequest } from "./answers";
import { OutsideHost } from "./hosts";
import { answersTo, canonicalName } from "./names";
import { RequestLog } from "./request-log";
import { SecureContexts, sessionIdContext } from "./secure-contexts";

/** A TLS record that holds the fatal alert unrecognized_name (RFC 8446, section 6.2). */
const unrecognizedName = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70]);

/** Context of a handshake whose client gives no name: it has no certificate, so the handshake fails. */
const noCertificate = tls.createSecureContext({ sessionIdContext });

/** The server behind a host's plain HTTP port; a request for a WebSocket opens one that sends back what it is sent. */
export function httpServer(host: OutsideHost, port: number, log: RequestLog): http.Server {
  const write = ({ from, scheme, sni, method, path, host: asked }: ReceivedRequest, status: number) =>
    log({
      time: new Date().toISOString(),
      ...{ from, address: host.address, port, scheme, host: asked, sni, method, path, status },
    });
  const sockets = new WebSocketServer({ noServer: true });
  // An idle connection stays open: a server that closes it just as a proxy uses it again makes requests fail at random.
  const server = http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const received = receive(request);
    const { status, headers, body, delay } = answer(host, received);
    write(received, status);
    request.resume();
    response.statusCode = status;
    response.setHeaders(new Map(Object.entries(headers)));
    if (host.closes) {
      response.setHeader("connection", "close");
    }
    void wait(delay, undefined, { ref: false }).then(() => response.end(body));
  });
  return server.on("upgrade", (request, socket, head) => {
    const received = receive(request);
    if (!answersTo(host, canonicalName(received.host))) {
      write(received, 421);
      socket.end("HTTP/1.1 421 Misdirected Request\r\nConnection: close\r\n\r\n");
      return;
    }
    write(received, 101);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("error", () => webSocket.terminate());
      webSocket.on("message", (data, isBinary) => webSocket.send(data, { binary: isBinary }));
    });
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
  // As web servers do: else an answer waits for the client to acknowledge the end of the handshake, 40 ms as a rule.
  return net.createServer({ noDelay: true }, (socket) => {
    const from = peer(socket);
    socket.on("error", () => socket.destroy());
    const secure = new tls.TLSSocket(socket, {
      isServer: true,
      ...(host.asksClients === true ? { requestCert: true, rejectUnauthorized: true } : {}),
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
    secure.on("error", () => secure.destroy());
    if (host.asksClients !== true) {
      inner.emit("connection", secure);
      return;
    }
    secure.once("secure", () => {
      if (contexts.hasSigned(secure.getPeerX509Certificate())) inner.emit("connection", secure);
      else secure.destroy();
    });
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
    client: secure ? commonName(socket) : undefined,
    from: peer(socket),
    headers: request.headers,
  };
}

function serverName(socket: tls.TLSSocket & { servername?: string | false | null }): string | undefined {
  return socket.servername || undefined;
}

function commonName(socket: tls.TLSSocket): string | undefined {
  return /^CN=(.*)$/m.exec(socket.getPeerX509Certificate()?.subject ?? "")?.[1];
}

function peer(socket: net.Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}
