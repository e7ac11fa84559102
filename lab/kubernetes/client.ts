import * as http from "node:http";
import * as https from "node:https";
import { LabError } from "../errors";
import { Json, JsonObject, isObject, text } from "../json";
import { Credentials, credentialsOf, dataOf } from "./credentials";
import { Connection } from "./kubeconfig";

/** A refusal by the API server: its `Status` object. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly status: JsonObject,
  ) {
    super(text(status, "message") ?? `HTTP status ${code}`);
  }

  get reason(): string {
    return text(this.status, "reason") ?? "";
  }
}

/** No answer from the API server. */
export class UnreachableError extends LabError {}

export interface ApiRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string>;
  body?: JsonObject;
  contentType?: string;
  accept?: string;
  /** Beside those that say what is sent and wanted. @default none */
  headers?: Record<string, string>;
  /** Breaks the request off. */
  signal?: AbortSignal;
}

const connectTimeout = 10_000;
/** The API server gives up a request after 60 s itself. */
const answerTimeout = 65_000;
/** Bookmarks of a watch come about once a minute, so one that is silent for longer is dead. */
const silenceLimit = 150_000;
/** A kept connection may be closed by the server just as it is used again; then the request was not looked at. */
const attempts = 3;

/** Talks JSON with one API server over connections that it keeps. */
export class ApiClient {
  private agent?: https.Agent | http.Agent;
  private credentials?: Credentials;

  constructor(readonly connection: Connection) {}

  /**
   * @returns the server's answer
   * @throws ApiError when the server refuses, UnreachableError when it does not answer
   */
  async request(request: ApiRequest): Promise<JsonObject> {
    await this.prepare();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.send(request);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (error instanceof ApiError || error instanceof LabError) {
          throw error;
        }
        if (attempt === attempts || (code !== "ECONNRESET" && code !== "EPIPE")) {
          throw this.unreachable(error as NodeJS.ErrnoException);
        }
      }
    }
  }

  /**
   * One JSON value for every line of an answer, as it arrives, until the server ends it: a watch.
   * @throws as `request` does; a connection that breaks later throws its own error from the generator
   */
  async stream(request: ApiRequest): Promise<AsyncGenerator<Json>> {
    await this.prepare();
    let response: http.IncomingMessage;
    try {
      response = await this.open(request, silenceLimit);
    } catch (error) {
      throw this.unreachable(error as NodeJS.ErrnoException);
    }
    if (response.statusCode === 200) {
      return jsonLines(response);
    }
    const answer = parsed(await collect(response));
    throw new ApiError(response.statusCode ?? 0, isObject(answer) ? answer : {});
  }

  private async prepare(): Promise<void> {
    if (this.credentials !== undefined && Date.now() < this.credentials.expires) {
      return;
    }
    this.credentials = await credentialsOf(this.connection);
    const options = { keepAlive: true, maxSockets: 32 };
    const { cluster, server } = this.connection;
    this.agent = server.startsWith("https:")
      ? new https.Agent({
          ...options,
          ca: dataOf(cluster, "certificate-authority"),
          cert: this.credentials.certificate,
          key: this.credentials.key,
          servername: text(cluster, "tls-server-name"),
          rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
        })
      : new http.Agent(options);
  }

  private async send(request: ApiRequest): Promise<JsonObject> {
    const response = await this.open(request, answerTimeout);
    const content = await collect(response);
    const code = response.statusCode ?? 0;
    const answer = parsed(content);
    if (code >= 200 && code < 300 && isObject(answer)) {
      return answer;
    }
    throw new ApiError(code, isObject(answer) ? answer : { message: content.slice(0, 500) });
  }

  /** The answer as soon as it begins; the connection is given up when it is silent for `silence` milliseconds. */
  private open(request: ApiRequest, silence: number): Promise<http.IncomingMessage> {
    const url = new URL(this.connection.server + request.path);
    url.search = new URLSearchParams(request.query).toString();
    const body = request.body && JSON.stringify(request.body);
    const headers: Record<string, string> = { ...request.headers, accept: request.accept ?? "application/json" };
    if (this.credentials?.authorization !== undefined) {
      headers["authorization"] = this.credentials.authorization;
    }
    if (body !== undefined) {
      headers["content-type"] = request.contentType ?? "application/json";
      headers["content-length"] = String(Buffer.byteLength(body));
    }
    const { method, signal } = request;
    const { request: start } = url.protocol === "https:" ? https : http;
    return new Promise((resolve, reject) => {
      const call = start(url, { method, headers, agent: this.agent, signal }, resolve);
      const giveUp = (after: number): void =>
        void call.destroy(Object.assign(new Error(`no answer in ${after / 1000} s`), { code: "ETIMEDOUT" }));
      call.setTimeout(silence, () => giveUp(silence));
      call.on("socket", (socket) => {
        if (!socket.connecting) {
          return;
        }
        const connecting = setTimeout(() => giveUp(connectTimeout), connectTimeout);
        socket.once("connect", () => clearTimeout(connecting));
        socket.once("close", () => clearTimeout(connecting));
      });
      call.on("error", reject);
      call.end(body);
    });
  }

  private unreachable(error: NodeJS.ErrnoException): UnreachableError {
    const { server, context } = this.connection;
    return new UnreachableError(
      `Cannot reach the Kubernetes API server at ${server} (context "${context}"): ${cause(error)}`,
    );
  }
}

async function collect(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function* jsonLines(response: http.IncomingMessage): AsyncGenerator<Json> {
  response.setEncoding("utf8");
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      yield JSON.parse(line) as Json;
    }
  }
}

function parsed(content: string): Json | undefined {
  try {
    return JSON.parse(content) as Json;
  } catch {
    return undefined;
  }
}

const causes: Record<string, string> = {
  ECONNREFUSED: "connection refused; is the cluster running?",
  ENOTFOUND: "its host name is not known",
  EAI_AGAIN: "its host name could not be looked up",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to its network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not signed by the kubeconfig's certificate authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not signed by the kubeconfig's certificate authority",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not signed by the kubeconfig's certificate authority",
};

function cause(error: NodeJS.ErrnoException): string {
  return causes[error.code ?? ""] ?? error.message;
}
