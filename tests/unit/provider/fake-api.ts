import * as http from "node:http";
import { AddressInfo } from "node:net";
import { Json, JsonObject, child, isObject, list, sameJson, text, valueAt } from "../../../lab/json";

/** What a request was: the method, the path, and for an apply who asked for what. */
export interface Asked {
  method: string;
  path: string;
  manager?: string;
  dryRun?: boolean;
  body?: JsonObject;
}

interface Entry {
  manager: string;
  operation: "Apply" | "Update";
  fieldsV1: JsonObject;
}

const identity = ["apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.uid"];

/**
 * Namespaces of an API server over plain HTTP, with server-side apply as far as objects without lists need it:
 * conflicts by field and manager, what a manager no longer applies goes, and an apply to an object that does not exist
 * makes it, unless it names a uid.
 */
export class FakeApi {
  readonly asked: Asked[] = [];
  readonly objects = new Map<string, JsonObject>();
  private version = 1;
  private readonly server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const [code, answer] = this.answer(request, body);
      response.writeHead(code).end(JSON.stringify(answer));
    });
  });

  /** @returns a kubeconfig that leads here */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const server = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return JSON.stringify({
      "current-context": "fake",
      clusters: [{ name: "fake", cluster: { server } }],
      contexts: [{ name: "fake", context: { cluster: "fake" } }],
    });
  }

  stop(): void {
    this.server.close().closeAllConnections();
  }

  /** Puts a namespace there, with labels that a manager has set. */
  put(name: string, labels: JsonObject, manager: string, operation: Entry["operation"] = "Update"): void {
    const fieldsV1 = { "f:metadata": { "f:labels": fieldsOf(labels) } };
    const managedFields: JsonObject[] = [{ manager, operation, fieldsV1 }];
    const metadata = { name, uid: `uid-${++this.version}`, resourceVersion: "1", labels, managedFields };
    this.objects.set(name, { apiVersion: "v1", kind: "Namespace", metadata, status: { phase: "Active" } });
  }

  /** Sets a label as `kubectl label --overwrite` does: from now on it is this manager's. */
  label(name: string, label: string, value: string, manager: string): void {
    const live = this.objects.get(name)!;
    put(live, ["metadata", "labels", label], value);
    const entries = list(live, "metadata", "managedFields") as unknown as Entry[];
    entries.forEach((entry) => put(entry.fieldsV1, ["f:metadata", "f:labels", `f:${label}`], undefined));
    const fieldsV1 = { "f:metadata": { "f:labels": { [`f:${label}`]: {} } } };
    const managedFields: Entry[] = [...entries, { manager, operation: "Update", fieldsV1 }];
    put(live, ["metadata", "managedFields"], managedFields as unknown as Json);
  }

  /** The namespace without what the server keeps account of. */
  seen(name: string): JsonObject {
    const { managedFields: _, resourceVersion: __, ...metadata } = child(this.objects.get(name), "metadata");
    return metadata;
  }

  managers(name: string): string[] {
    return list(this.objects.get(name), "metadata", "managedFields").map((entry) => text(entry, "manager") ?? "");
  }

  private answer(request: http.IncomingMessage, content: string): [number, JsonObject] {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://fake");
    const method = request.method ?? "";
    if (pathname === "/api" || pathname === "/apis") {
      const resources = [{ resource: "namespaces", scope: "Cluster", responseKind: { kind: "Namespace" } }];
      return [200, { items: pathname === "/api" ? [{ metadata: {}, versions: [{ version: "v1", resources }] }] : [] }];
    }
    const name = pathname.split("/").at(-1) ?? "";
    if (method === "GET") {
      this.asked.push({ method, path: pathname });
      const found = this.objects.get(name);
      return found === undefined ? [404, { reason: "NotFound" }] : [200, found];
    }
    const body = JSON.parse(content) as JsonObject;
    const manager = searchParams.get("fieldManager") ?? "";
    const dryRun = searchParams.get("dryRun") === "All";
    this.asked.push({ method, path: pathname, manager, dryRun, body });
    return this.apply(name, body, { manager, dryRun, force: searchParams.get("force") === "true" });
  }

  private apply(
    name: string,
    body: JsonObject,
    { manager, force, dryRun }: { manager: string; force: boolean; dryRun: boolean },
  ): [number, JsonObject] {
    const live = structuredClone(this.objects.get(name));
    const uid = text(body, "metadata", "uid");
    if (uid !== undefined && uid !== text(live, "metadata", "uid")) {
      return [409, { reason: "Conflict", message: `uid mismatch: the provided object specified uid ${uid}` }];
    }
    const result = live ?? { apiVersion: "v1", kind: "Namespace", metadata: { name, uid: `uid-${++this.version}` } };
    const entries = list(result, "metadata", "managedFields") as unknown as Entry[];
    const others = entries.filter((entry) => entry.manager !== manager || entry.operation !== "Apply");
    const wanted = leaves(body).filter((path) => !identity.includes(path.join(".")));
    const causes = others.flatMap((entry) =>
      wanted
        .filter((path) => holds(entry, path) && !sameJson(valueAt(body, path), valueAt(result, path)))
        .map((path) => ({
          reason: "FieldManagerConflict",
          message: `conflict with "${entry.manager}" using v1`,
          field: `.${path.join(".")}`,
        })),
    );
    if (causes.length > 0 && !force) {
      return [409, { reason: "Conflict", message: "Apply failed", details: { causes } }];
    }
    const mine = entries.find((entry) => !others.includes(entry));
    for (const path of leaves(result).filter((path) => mine !== undefined && holds(mine, path))) {
      if (!others.some((entry) => holds(entry, path))) {
        put(result, path, undefined);
      }
    }
    wanted.forEach((path) => put(result, path, valueAt(body, path)));
    const fieldsV1: JsonObject = {};
    wanted.forEach((path) =>
      put(
        fieldsV1,
        path.map((step) => `f:${step}`),
        {},
      ),
    );
    const own: Entry[] = wanted.length === 0 ? [] : [{ manager, operation: "Apply", fieldsV1 }];
    put(result, ["metadata", "managedFields"], [...others, ...own] as unknown as Json);
    put(result, ["metadata", "resourceVersion"], String(++this.version));
    if (!dryRun) {
      this.objects.set(name, result);
    }
    return [200, result];
  }
}

function fieldsOf(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(value).map((key) => [`f:${key}`, {}]));
}

function holds({ fieldsV1 }: Entry, path: string[]): boolean {
  return (
    valueAt(
      fieldsV1,
      path.map((step) => `f:${step}`),
    ) !== undefined
  );
}

/** Paths of the values that are no maps. */
function leaves(value: Json, path: string[] = []): string[][] {
  return isObject(value) ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key])) : [path];
}

/** Sets a value, or takes it away with the maps that it leaves empty. */
function put(document: JsonObject, [step, ...rest]: string[], value: Json | undefined): void {
  if (step === undefined) {
    return;
  }
  if (rest.length > 0) {
    const inner = { ...child(document, step) };
    put(inner, rest, value);
    document[step] = inner;
  } else if (value !== undefined) {
    document[step] = value;
  }
  if (value === undefined && (rest.length === 0 || Object.keys(child(document, step)).length === 0)) {
    delete document[step];
  }
}
