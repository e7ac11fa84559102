import * as crypto from "node:crypto";
import * as dgram from "node:dgram";
import { Endpoint, udpSocket } from "./listening";
import { RequestLog } from "./request-log";

/** Version 1 of QUIC (RFC 9000). */
const version = 1;
const [initial, retry] = [0xc0, 0xf0];

/** Of RFC 9001, section 5.8: whoever has seen a client's first packet may make the tag of an answer. */
const retryKey = Buffer.from("be0c690b9f66575a1d766b54e368c84e", "hex");
const retryNonce = Buffer.from("461599d35d632bf2239825bb", "hex");

interface Initial {
  /** Connection ids that the client has chosen: for the server, and for itself. */
  destination: Buffer;
  source: Buffer;
}

/** Reads the head of a client's first packet; undefined for all else. */
export function readInitial(packet: Buffer): Initial | undefined {
  // Datagrams with a first packet are filled up to 1,200 bytes, so that answers are no larger than what is asked.
  if (packet.length < 1200 || (packet[0]! & 0xf0) !== initial || packet.readUInt32BE(1) !== version) {
    return undefined;
  }
  const [destination, afterDestination] = connectionId(packet, 5);
  const [source] = connectionId(packet, afterDestination);
  return destination.length < 8 || destination.length > 20 || source.length > 20 ? undefined : { destination, source };
}

function connectionId(packet: Buffer, at: number): [id: Buffer, after: number] {
  const end = at + 1 + packet[at]!;
  return [packet.subarray(at + 1, end), end];
}

/**
 * A server's Retry (RFC 9000, section 17.2.5): it has the client come again with a token, and shows that the packet was read.
 *
 * @param source the connection id that the server chooses for itself
 */
export function retryFor(client: Initial, source: Buffer, token: Buffer): Buffer {
  const id = (each: Buffer) => Buffer.concat([Buffer.from([each.length]), each]);
  const head = Buffer.concat([Buffer.from([retry | 0x0f, 0, 0, 0, version]), id(client.source), id(source), token]);
  const cipher = crypto.createCipheriv("aes-128-gcm", retryKey, retryNonce);
  cipher.setAAD(Buffer.concat([id(client.destination), head]));
  cipher.final();
  return Buffer.concat([head, cipher.getAuthTag()]);
}

/** Answers the first packet of QUIC connections, and nothing else: enough to see that the way is open. */
export function quicSocket({ address, port }: Endpoint, place: Endpoint, log: RequestLog): dgram.Socket {
  const socket = udpSocket(place);
  return socket.on("message", (packet, from) => {
    const client = readInitial(packet);
    if (client === undefined) {
      return;
    }
    const time = new Date().toISOString();
    log({ time, from: `${from.address}:${from.port}`, address, port, scheme: "quic" });
    const answer = retryFor(client, crypto.randomBytes(8), crypto.randomBytes(16));
    // The answer may be unwanted by now; that is the caller's affair.
    socket.send(answer, from.port, from.address, () => undefined);
  });
}
