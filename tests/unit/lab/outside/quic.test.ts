// The first packet of QUIC and its answer, held to the samples of RFC 9001, appendix A.
// Does not prove: that a QUIC client takes the answer, or a server the packet; nothing here speaks the rest of QUIC.
import assert from "node:assert/strict";
import * as dgram from "node:dgram";
import { once } from "node:events";
import { OutsideRequest } from "../../../../lab/outside/request-log";
import { quicSocket, readInitial, retryFor } from "../../../../lab/outside/quic";
import { clientInitial, initialKeys } from "../../../lab/bypass/quic";

const bytes = (text: string): Buffer => Buffer.from(text, "hex");
const destination = bytes("8394c8f03e515708");

describe("QUIC as far as its first packet", () => {
  it("has the keys of the standard's sample", () => {
    const { key, iv, hp } = initialKeys(destination);
    assert.deepEqual(
      [key, iv, hp].map((each) => each.toString("hex")),
      ["1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"],
    );
  });

  it("has the answer of the standard's sample", () => {
    const answer = retryFor(
      { destination, source: Buffer.alloc(0) },
      bytes("f067a5502a4262b5"),
      Buffer.from("token"),
    ).toString("hex");
    assert.equal(answer, "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba");
  });

  it("takes a client's first packet, and nothing else", () => {
    const packet = clientInitial("github.com");
    assert.equal(packet.length, 1200);
    assert.equal(readInitial(packet)!.destination.length, 8);
    assert.equal(readInitial(packet.subarray(0, 1199)), undefined);
    assert.equal(readInitial(Buffer.alloc(1200)), undefined);
    const later = Buffer.from(packet);
    later[4] = 2;
    assert.equal(readInitial(later), undefined);
    const long = Buffer.from(packet);
    long[5] = 21;
    assert.equal(readInitial(long), undefined);
  });

  it("answers over UDP, by a datagram that is smaller than what was asked", async () => {
    const log: OutsideRequest[] = [];
    const place = { address: "127.0.0.1", port: 0 };
    const server = quicSocket({ address: "203.0.113.10", port: 443 }, place, (request) => log.push(request));
    const client = dgram.createSocket("udp4");
    try {
      server.bind(0, place.address);
      await once(server, "listening");
      client.send("no first packet", server.address().port, place.address);
      client.send(clientInitial("github.com"), server.address().port, place.address);
      const [answer] = (await once(client, "message")) as [Buffer];
      assert.equal(answer[0]! & 0xf0, 0xf0);
      assert.ok(answer.length < 100);
      assert.deepEqual(
        log.map(({ address, port, scheme }) => [address, port, scheme]),
        [["203.0.113.10", 443, "quic"]],
      );
    } finally {
      client.close();
      server.close();
    }
  });
});
