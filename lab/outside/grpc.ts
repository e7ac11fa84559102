import * as net from "node:net";
import * as tls from "node:tls";
import { setTimeout as wait } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { OutsideHost } from "./hosts";
import { RequestLog } from "./request-log";
import { SecureContexts } from "./secure-contexts";

/**
 * The server behind a host's gRPC port. Messages are text as it is, without a schema:
 * - `/lab.Lines/Say` answers with what it is sent, and with the trailer `said-by`;
 * - `/lab.Lines/Count` takes `COUNT MILLISECONDS`, and sends so many messages, each after so long a silence;
 * - `/lab.Lines/Fail` ends with the status 9, FAILED_PRECONDITION, and what it is sent as its message.
 *
 * @param contexts of the TLS around it; without them it is HTTP/2 in plain text, from the first byte
 */
export function grpcServer(
  host: OutsideHost,
  port: number,
  contexts: SecureContexts | undefined,
  log: RequestLog,
): net.Server {
  const server = new grpc.Server();
  const me = `${host.names[0]}:${port}`;
  const called = (call: Call) => {
    const scheme = contexts === undefined ? "http" : "https";
    const [from, path] = [call.getPeer(), call.getPath()];
    log({ time: new Date().toISOString(), from, address: host.address, port, scheme, host: call.getHost(), path });
    const trailers = new grpc.Metadata();
    trailers.set("said-by", me);
    return trailers;
  };
  server.addService(service, {
    say: (call: grpc.ServerUnaryCall<string, string>, answer: grpc.sendUnaryData<string>) =>
      answer(null, call.request, called(call)),
    count: (call: grpc.ServerWritableStream<string, string>) => void count(call, called(call)),
    fail: (call: grpc.ServerUnaryCall<string, string>, answer: grpc.sendUnaryData<string>) =>
      answer({ code: grpc.status.FAILED_PRECONDITION, details: call.request, metadata: called(call) }),
  });
  const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  if (contexts === undefined) {
    return net.createServer((socket) => {
      socket.on("error", () => socket.destroy());
      injector.injectConnection(socket);
    });
  }
  return tls.createServer(
    {
      ALPNProtocols: ["h2"],
      SNICallback: (sni, done) =>
        void contexts
          .forName(host, sni)
          .then(
            (context) => done(context === undefined ? new Error(`${sni} is not a name of ${me}`) : null, context),
            done,
          ),
    },
    (connection) => injector.injectConnection(connection),
  );
}

async function count(call: grpc.ServerWritableStream<string, string>, trailers: grpc.Metadata): Promise<void> {
  const [most = 0, milliseconds = 0] = call.request.split(" ").map(Number);
  for (let index = 1; index <= most && !call.cancelled; index += 1) {
    await wait(milliseconds, undefined, { ref: false });
    call.write(`${index}`);
  }
  call.end(trailers);
}

type Call = Pick<grpc.ServerUnaryCall<string, string>, "getPeer" | "getPath" | "getHost">;

const text = {
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
};

/** Exported for clients that speak it. */
export const service = {
  say: { path: "/lab.Lines/Say", requestStream: false, responseStream: false, ...text },
  count: { path: "/lab.Lines/Count", requestStream: false, responseStream: true, ...text },
  fail: { path: "/lab.Lines/Fail", requestStream: false, responseStream: false, ...text },
} satisfies grpc.ServiceDefinition;
