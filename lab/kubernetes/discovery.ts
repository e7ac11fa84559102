import { JsonObject, child, list, text } from "../json";
import { ApiClient } from "./client";

/** The group of an API version; "" for the group that has no name. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** How the API serves a kind. */
export interface ResourceKind {
  apiVersion: string;
  kind: string;
  /** Name of the kind in URLs. */
  plural: string;
  namespaced: boolean;
}

const aggregated = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(",");

/** A miss asks the server again, unless it was asked within this many milliseconds. */
const freshFor = 200;

/** Which kinds the API server serves now; asked when first needed and again when a kind is not found. */
export class Discovery {
  private kinds = new Map<string, ResourceKind>();
  private asked = 0;
  private asking?: Promise<void>;

  constructor(private readonly client: ApiClient) {}

  /** The kind, or undefined when the server does not serve it at this moment. */
  async find(apiVersion: string, kind: string): Promise<ResourceKind | undefined> {
    const key = keyOf(apiVersion, kind);
    if (!this.kinds.has(key) && Date.now() - this.asked > freshFor) {
      await this.refresh();
    }
    return this.kinds.get(key);
  }

  /** API versions of the same group in which the server does serve the kind. */
  otherVersions(apiVersion: string, kind: string): string[] {
    return [...this.kinds.values()]
      .filter((served) => served.kind === kind && groupOf(served.apiVersion) === groupOf(apiVersion))
      .map((served) => served.apiVersion);
  }

  /** Asks the server; callers that come meanwhile share the answer. */
  refresh(): Promise<void> {
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async ask(): Promise<void> {
    const answers = await Promise.all(
      ["/api", "/apis"].map((path) => this.client.request({ method: "GET", path, accept: aggregated })),
    );
    this.kinds = new Map(answers.flatMap(kindsOf).map((served) => [keyOf(served.apiVersion, served.kind), served]));
    this.asked = Date.now();
  }
}

/** The URL path of an object, or of all objects of its kind when no name is given. */
export function urlPath(kind: ResourceKind, namespace: string | undefined, name?: string): string {
  const root = groupOf(kind.apiVersion) === "" ? "api" : "apis";
  const scope = kind.namespaced ? ["namespaces", namespace ?? "default"] : [];
  const parts = [...kind.apiVersion.split("/"), ...scope, kind.plural, ...(name === undefined ? [] : [name])];
  return `/${[root, ...parts].map(encodeURIComponent).join("/")}`;
}

/** The kinds in an APIGroupDiscoveryList. */
export function kindsOf(answer: JsonObject): ResourceKind[] {
  return list(answer, "items").flatMap((item) => {
    const group = text(item, "metadata", "name") ?? "";
    return list(item, "versions").flatMap((version) => {
      const name = text(version, "version") ?? "";
      const apiVersion = group === "" ? name : `${group}/${name}`;
      return list(version, "resources").map((resource) => ({
        apiVersion,
        kind: text(child(resource, "responseKind"), "kind") ?? "",
        plural: text(resource, "resource") ?? "",
        namespaced: text(resource, "scope") === "Namespaced",
      }));
    });
  });
}

function keyOf(apiVersion: string, kind: string): string {
  return `${apiVersion}/${kind}`;
}
