import * as dgram from "node:dgram";
import * as net from "node:net";
import { Endpoint, udpSocket } from "./listening";
import { OutsideRequest, RequestLog } from "./request-log";

/** Sends every TCP connection's bytes back to it. */
export function tcpEchoServer(echo: Endpoint, log: RequestLog): net.Server {
  return net.createServer((socket) => {
    log(entry(echo, "tcp", `${socket.remoteAddress}:${socket.remotePort}`));
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
}

/** Sends every UDP datagram back to where it came from. */
export function udpEchoSocket(echo: Endpoint, place: Endpoint, log: RequestLog): dgram.Socket {
  const socket = udpSocket(place);
  return socket.on("message", (message, { address, port }) => {
    log(entry(echo, "udp", `${address}:${port}`));
    // The answer may be unwanted by now; that is the caller's affair and no error of the echo.
    socket.send(message, port, address, () => undefined);
  });
}

function entry({ address, port }: Endpoint, scheme: "tcp" | "udp", from: string): OutsideRequest {
  return { time: new Date().toISOString(), from, address, port, scheme };
}
