import * as dgram from "node:dgram";
import * as net from "node:net";
import { echo } from "./hosts";
import { OutsideRequest, RequestLog } from "./request-log";

/** Sends every TCP connection's bytes back to it. */
export function tcpEchoServer(log: RequestLog): net.Server {
  return net.createServer((socket) => {
    log(entry("tcp", `${socket.remoteAddress}:${socket.remotePort}`));
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
}

/** Sends every UDP datagram back to where it came from. */
export function udpEchoSocket(log: RequestLog): dgram.Socket {
  const socket = dgram.createSocket("udp4");
  return socket.on("message", (message, { address, port }) => {
    log(entry("udp", `${address}:${port}`));
    // The answer may be unwanted by now; that is the caller's affair and no error of the echo.
    socket.send(message, port, address, () => undefined);
  });
}

function entry(scheme: "tcp" | "udp", from: string): OutsideRequest {
  return { time: new Date().toISOString(), from, address: echo.address, port: echo.port, scheme };
}
