// A server of lines, by callers that end as they should not. Listens on loopback.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import { lineServer } from "../../../../lab/outside/line-server";
import { outsideHosts } from "../../../../lab/outside/hosts";

describe("lab/outside: a server of lines", () => {
  it("outlives a caller that resets its connection, and answers the next one", async () => {
    const host = outsideHosts.find(({ names }) => names.includes("mail.partner.example"))!;
    const server = lineServer(host, 587, "server", () => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    const greeted = async (): Promise<net.Socket> => {
      const socket = net.connect(port, "127.0.0.1");
      const [greeting] = (await once(socket, "data")) as [Buffer];
      assert.match(greeting.toString(), /^220 mail\.partner\.example:587 ready/);
      return socket;
    };
    try {
      const accepted = once(server, "connection") as Promise<[net.Socket]>;
      const first = await greeted();
      const [atServer] = await accepted;
      const gone = new Promise((resolve) => atServer.on("close", resolve));
      first.resetAndDestroy();
      await gone;
      (await greeted()).destroy();
    } finally {
      server.close();
    }
  });
});
