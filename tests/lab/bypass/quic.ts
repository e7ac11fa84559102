import * as crypto from "node:crypto";

/** Keys of a client's first packets (RFC 9001, section 5.2): anybody who sees the packet can make them. */
export interface InitialKeys {
  key: Buffer;
  iv: Buffer;
  /** Protects the head. */
  hp: Buffer;
}

const salt = Buffer.from("38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "hex");

/** HKDF-Expand-Label of TLS 1.3, for one block at most. */
function expanded(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0])]);
  return hmac(secret, Buffer.concat([info, Buffer.from([1])])).subarray(0, length);
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return crypto.createHmac("sha256", key).update(data).digest();
}

/** @param destination the connection id that the client has chosen for the server */
export function initialKeys(destination: Buffer): InitialKeys {
  const secret = expanded(hmac(salt, destination), "client in", 32);
  return {
    key: expanded(secret, "quic key", 16),
    iv: expanded(secret, "quic iv", 12),
    hp: expanded(secret, "quic hp", 16),
  };
}

/** The first packet of a QUIC connection, as a client that wants HTTP/3 from a host sends it: 1,200 bytes. */
export function clientInitial(host: string): Buffer {
  const [destination, source] = [crypto.randomBytes(8), crypto.randomBytes(8)];
  const { key, iv, hp } = initialKeys(destination);
  const head = Buffer.concat([
    // A long head of a first packet of version 1, whose number has one byte.
    Buffer.from([0xc0, 0, 0, 0, 1, destination.length]),
    ...[destination, Buffer.from([source.length]), source],
    // No token; then the length of number, content and tag.
    Buffer.from([0]),
  ]);
  const hello = clientHello(host, source);
  const crypt = Buffer.concat([Buffer.from([0x06, 0]), long(hello.length), hello]);
  const [number, tagLength] = [Buffer.from([0]), 16];
  const content = Buffer.concat([crypt], 1200 - head.length - 2 - number.length - tagLength);
  const whole = Buffer.concat([head, long(number.length + content.length + tagLength), number]);
  const cipher = crypto.createCipheriv("aes-128-gcm", key, iv);
  cipher.setAAD(whole);
  const sealed = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  const mask = crypto.createCipheriv("aes-128-ecb", hp, null).update(sealed.subarray(3, 19));
  whole[0]! ^= mask[0]! & 0x0f;
  whole[whole.length - 1]! ^= mask[1]!;
  return Buffer.concat([whole, sealed]);
}

/** A number of QUIC's in two bytes. */
function long(value: number): Buffer {
  return Buffer.from([0x40 | (value >> 8), value & 0xff]);
}

function clientHello(host: string, source: Buffer): Buffer {
  const sized = (bytes: Buffer) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
  const extension = (type: number, content: Buffer) =>
    Buffer.concat([Buffer.from([type >> 8, type & 0xff]), sized(content)]);
  const share = crypto.generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const extensions = Buffer.concat([
    extension(0, sized(Buffer.concat([Buffer.from([0]), sized(Buffer.from(host))]))),
    extension(16, sized(Buffer.concat([Buffer.from([2]), Buffer.from("h3")]))),
    extension(43, Buffer.from([2, 3, 4])),
    extension(10, Buffer.from([0, 2, 0, 29])),
    extension(13, Buffer.from([0, 4, 4, 3, 8, 4])),
    extension(51, sized(Buffer.concat([Buffer.from([0, 29]), sized(share)]))),
    // Parameters of the transport: the client's own connection id.
    extension(0x39, Buffer.concat([Buffer.from([0x0f, source.length]), source])),
  ]);
  const body = Buffer.concat([
    ...[Buffer.from([3, 3]), crypto.randomBytes(32), Buffer.from([0, 0, 2, 0x13, 0x01, 1, 0])],
    sized(extensions),
  ]);
  return Buffer.concat([Buffer.from([1, 0]), sized(body)]);
}
