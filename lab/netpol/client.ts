import * as http from "node:http";
import * as https from "node:https";
import { Cluster } from "./kubeconfig";

/** An answer of the API server that is not 200. */
export class StatusError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Bookmarks come about once a minute, so a connection that is silent for longer is dead. */
const silenceLimit = 150_000;

/** GET requests to one API server, over connections that are kept. */
export class Client {
  private readonly agent: http.Agent;

  constructor(private readonly cluster: Cluster) {
    const { ca, cert, key } = cluster;
    this.agent = this.overTls()
      ? new https.Agent({ keepAlive: true, ca, cert, key })
      : new http.Agent({ keepAlive: true });
  }

  /** The body as JSON. Throws StatusError, or the connection's error. */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    return JSON.parse(await readAll(await this.open(path, signal)));
  }

  /** One JSON value for every line of the body, as it arrives, until the server ends it. Throws as `get` does. */
  async stream(path: string, signal: AbortSignal): Promise<AsyncGenerator<unknown>> {
    return jsonLines(await this.open(path, signal));
  }

  private open(path: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const { request } = this.overTls() ? https : http;
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.cluster.server), { agent: this.agent, signal }, (response) => {
        if (response.statusCode === 200) return resolve(response);
        readAll(response).then((body) => reject(statusError(path, response.statusCode ?? 0, body)), reject);
      });
      outgoing.setTimeout(silenceLimit, () =>
        outgoing.destroy(new Error(`no word for ${silenceLimit / 1000} s on ${path}`)),
      );
      outgoing.on("error", reject);
      outgoing.end();
    });
  }

  private overTls(): boolean {
    return this.cluster.server.protocol === "https:";
  }
}

async function readAll(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function* jsonLines(response: http.IncomingMessage): AsyncGenerator<unknown> {
  response.setEncoding("utf8");
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

/** The API server explains itself in the `message` of a Status object. */
function statusError(path: string, status: number, body: string): StatusError {
  let reason = body.slice(0, 200);
  try {
    reason = (JSON.parse(body) as { message?: string }).message ?? reason;
  } catch {
    // A proxy or a server that starts up answers in plain text.
  }
  return new StatusError(status, `GET ${path}: ${status} ${reason}`);
}
