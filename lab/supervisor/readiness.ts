import * as fs from "node:fs";
import * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import * as net from "node:net";
import { Readiness } from "../boot/boot-plan";

const askMilliseconds = 2000;

/** Asks once. */
export function isReady(readiness: Readiness): Promise<boolean> {
  switch (readiness.kind) {
    case "file":
      return Promise.resolve(fs.existsSync(readiness.path));
    case "cri":
      return criAnswers(readiness.socket);
    case "http":
    case "https":
      return answersOk(readiness);
  }
}

function answersOk(target: { kind: "http" | "https"; address: string; port: number; path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: target.address, port: target.port, path: target.path, timeout: askMilliseconds };
    const onResponse = (response: http.IncomingMessage) => {
      response.resume();
      resolve(response.statusCode === 200);
    };
    const request =
      target.kind === "http"
        ? http.get({ ...options, agent: false }, onResponse)
        : https.get({ ...options, agent: false, rejectUnauthorized: false }, onResponse);
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}

/** Calls the CRI's Version by plain HTTP/2: a gRPC client would be most of the supervisor's memory. */
function criAnswers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const session = http2.connect("http://localhost", { createConnection: () => net.connect(socket) });
    const finish = (answer: boolean) => {
      resolve(answer);
      session.destroy();
    };
    session.on("error", () => finish(false));
    session.setTimeout(askMilliseconds, () => finish(false));
    const call = session.request({
      ":method": "POST",
      ":path": "/runtime.v1.RuntimeService/Version",
      "content-type": "application/grpc",
      te: "trailers",
    });
    // Success is told in the trailers; a call that is refused ends with its status in the headers.
    call.on("trailers", (trailers: http2.IncomingHttpHeaders) => finish(trailers["grpc-status"] === "0"));
    call.on("error", () => finish(false));
    call.on("end", () => finish(false));
    call.resume();
    call.end(Buffer.alloc(5));
  });
}
