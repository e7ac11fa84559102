import * as http from "node:http";
import { AddressInfo } from "node:net";
import { ApiObject } from "../../../../lab/netpol/resources";

type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

/**
 * Collections of objects over plain HTTP with what clients of an API server rely on: pages, versions, watches that
 * go on from a version, versions that are forgotten, and outages.
 */
export class FakeApi {
  /** Every request line so far, oldest first. */
  readonly requests: string[] = [];
  /** Answer every request with this status as long as it is set. */
  outage: number | undefined;
  private readonly objects = new Map<string, Map<string, ApiObject>>();
  private readonly events: { path: string; version: number; line: string }[] = [];
  private readonly watchers = new Map<http.ServerResponse, string>();
  private version = 10;
  private forgotten = 0;
  private readonly server = http.createServer((request, response) => this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  put(path: string, object: ApiObject): void {
    const collection = this.collection(path);
    const type = collection.has(keyOf(object)) ? "MODIFIED" : "ADDED";
    collection.set(keyOf(object), object);
    this.emit(path, type, object);
  }

  remove(path: string, object: ApiObject): void {
    this.collection(path).delete(keyOf(object));
    this.emit(path, "DELETED", object);
  }

  /** A sign of life that moves the version on and changes nothing. */
  bookmark(path: string): void {
    this.emit(path, "BOOKMARK", { metadata: { name: "" } });
  }

  /** Ends every watch, as an API server does now and then. */
  endWatches(): void {
    for (const response of this.watchers.keys()) response.end();
  }

  /** Cuts every connection in the middle. */
  cutConnections(): void {
    this.server.closeAllConnections();
  }

  /** Forgets what happened up to now: older versions are gone. */
  forget(): void {
    this.forgotten = ++this.version;
  }

  /** Tells every watch that its version is gone, as happens in the middle of a watch. */
  expireWatches(): void {
    const error = { kind: "Status", code: 410, message: "too old resource version" };
    for (const response of this.watchers.keys()) response.end(`${JSON.stringify({ type: "ERROR", object: error })}\n`);
  }

  private collection(path: string): Map<string, ApiObject> {
    const collection = this.objects.get(path) ?? new Map<string, ApiObject>();
    this.objects.set(path, collection);
    return collection;
  }

  private emit(path: string, type: EventType, object: ApiObject): void {
    const version = ++this.version;
    const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const line = `${JSON.stringify({ type, object: versioned })}\n`;
    if (type !== "BOOKMARK") this.events.push({ path, version, line });
    for (const [response, watched] of this.watchers) if (watched === path) response.write(line);
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.requests.push(request.url ?? "");
    const { pathname, searchParams } = new URL(request.url ?? "", "http://fake");
    if (this.outage !== undefined) return refuse(response, this.outage, "out of order");
    if (searchParams.get("watch") === "true") {
      return this.watch(pathname, Number(searchParams.get("resourceVersion")), response);
    }
    const items = [...this.collection(pathname).values()];
    const start = Number(searchParams.get("continue") ?? 0);
    const end = start + Number(searchParams.get("limit"));
    const metadata = { resourceVersion: String(this.version), continue: end < items.length ? String(end) : undefined };
    response.end(JSON.stringify({ metadata, items: items.slice(start, end) }));
  }

  private watch(path: string, from: number, response: http.ServerResponse): void {
    if (from < this.forgotten) return refuse(response, 410, "too old resource version");
    response.writeHead(200).flushHeaders();
    for (const event of this.events) if (event.path === path && event.version > from) response.write(event.line);
    this.watchers.set(response, path);
    response.on("close", () => this.watchers.delete(response));
  }
}

function refuse(response: http.ServerResponse, status: number, message: string): void {
  response.writeHead(status).end(JSON.stringify({ kind: "Status", code: status, message }));
}

function keyOf({ metadata }: ApiObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}
