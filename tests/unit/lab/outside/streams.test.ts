// gRPC and WebSockets of the outside world, by clients of well-kept libraries. Listens on loopback.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { ClientOptions, WebSocket } from "ws";
import { Authority, createAuthority } from "../../../../lab/certificates";
import { service } from "../../../../lab/outside/grpc";
import { OutsideRequest } from "../../../../lab/outside/request-log";
import { Outside, startOutside } from "../../../../lab/outside/server";

describe("lab/outside: gRPC and WebSockets", () => {
  let authority: Authority;
  let outside: Outside;
  const log: OutsideRequest[] = [];

  before(async () => {
    authority = await createAuthority("Test world");
    const place = () => ({ address: "127.0.0.1", port: 0 });
    outside = await startOutside({ authority, log: (request) => log.push(request), place });
  });
  beforeEach(() => log.splice(0));
  after(() => outside.close());

  function portOf(address: string, port: number): number {
    const found = outside.endpoints.find(({ declared }) => declared.address === address && declared.port === port);
    return found?.actual.port ?? assert.fail(`${address}:${port} is not served`);
  }

  for (const port of [80, 443]) {
    describe(`gRPC on port ${port}`, () => {
      let client: InstanceType<ReturnType<typeof grpc.makeGenericClientConstructor>>;

      before(() => {
        const credentials =
          port === 443
            ? grpc.credentials.createSsl(Buffer.from(authority.certificatePem))
            : grpc.credentials.createInsecure();
        const Client = grpc.makeGenericClientConstructor(service, "Lines");
        const authorityName = { "grpc.ssl_target_name_override": "grpc.partner.example" };
        client = new Client(`127.0.0.1:${portOf("203.0.113.40", port)}`, credentials, {
          "grpc.default_authority": "grpc.partner.example",
          ...(port === 443 ? authorityName : {}),
        });
      });
      after(() => client.close());

      it("answers with what it is sent, and with a trailer, and writes the call down", async () => {
        const trailers = new Promise<grpc.StatusObject>((resolve, reject) => {
          const call = client.say!("hello", (error: grpc.ServiceError | null, text: string) => {
            if (error !== null) return reject(error);
            assert.equal(text, "hello");
          }) as grpc.ClientUnaryCall;
          call.on("status", resolve);
        });
        assert.deepEqual((await trailers).metadata.get("said-by"), [`grpc.partner.example:${port}`]);
        assert.deepEqual(
          log.map(({ address, path, host }) => [address, path, host]),
          [["203.0.113.40", "/lab.Lines/Say", "grpc.partner.example"]],
        );
      });

      it("streams, and fails as it is asked", async () => {
        const messages: string[] = [];
        for await (const message of client.count!("3 1") as AsyncIterable<string>) messages.push(message);
        assert.deepEqual(messages, ["1", "2", "3"]);
        const failure = await new Promise<grpc.ServiceError>((resolve) => {
          client.fail!("as asked", (error: grpc.ServiceError) => resolve(error));
        });
        assert.deepEqual([failure.code, failure.details], [grpc.status.FAILED_PRECONDITION, "as asked"]);
      });
    });
  }

  for (const [scheme, port] of [
    ["ws", 80],
    ["wss", 443],
  ] as const) {
    it(`sends back over ${scheme} what it is sent, and refuses names of others`, async () => {
      const open = (host: string) =>
        new WebSocket(`${scheme}://127.0.0.1:${portOf("203.0.113.17", port)}/chat`, {
          headers: { host },
          ca: authority.certificatePem,
          servername: "api.partner.example",
        } as ClientOptions);
      const socket = open("api.partner.example");
      await once(socket, "open");
      socket.send("hello");
      const [data] = (await once(socket, "message")) as [Buffer];
      assert.equal(data.toString(), "hello");
      socket.close();
      const [error] = (await once(open("cnn.com"), "error")) as [Error];
      assert.match(error.message, /421/);
      assert.deepEqual(
        log.map(({ path, status }) => [path, status]),
        [
          ["/chat", 101],
          ["/chat", 421],
        ],
      );
    });
  }
});
