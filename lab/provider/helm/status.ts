import { parseAllDocuments } from "yaml";
import { Cluster } from "../cluster";
import { Json, JsonObject, child, count, isObject, text } from "../json";
import { groupOf } from "../token";
import { namespaceArguments } from "./arguments";
import { HelmError, helm } from "./command";

/** A release as Helm has recorded it. */
export interface ReleaseStatus {
  /** The `status` output of the resource. */
  status: JsonObject;
  /** `deployed`, `failed`, `pending-install`, … */
  phase: string;
  /** Values that were given to it. */
  values: JsonObject;
  /** The objects that it consists of. */
  objects: JsonObject[];
}

const seconds = 60;

/** The release that the inputs name, or undefined when there is none. */
export async function releaseStatus(cluster: Cluster, inputs: JsonObject): Promise<ReleaseStatus | undefined> {
  const asked = [text(inputs, "name") ?? "", ...namespaceArguments(inputs), "--output", "json"];
  try {
    const [status, metadata] = await Promise.all([
      helm(cluster, ["status", ...asked], seconds),
      helm(cluster, ["get", "metadata", ...asked], seconds),
    ]);
    return combined(JSON.parse(status) as JsonObject, JSON.parse(metadata) as JsonObject);
  } catch (error) {
    if (error instanceof HelmError && error.message.includes("release: not found")) {
      return undefined;
    }
    throw error;
  }
}

function combined(status: JsonObject, metadata: JsonObject): ReleaseStatus {
  const phase = text(child(status, "info"), "status") ?? "";
  return {
    phase,
    values: child(status, "config"),
    objects: objectsOf(text(status, "manifest") ?? ""),
    status: {
      name: text(metadata, "name") ?? "",
      namespace: text(metadata, "namespace") ?? "",
      revision: count(status, "version") ?? 0,
      version: text(metadata, "version") ?? "",
      appVersion: text(metadata, "appVersion") ?? "",
      chart: text(metadata, "chart") ?? "",
      status: phase,
    },
  };
}

function objectsOf(manifest: string): JsonObject[] {
  return parseAllDocuments(manifest)
    .map((document) => document.toJS() as Json)
    .filter(isObject);
}

/** Names of a release's objects under `<Kind>.<group>/<version>`, as the official provider gives them. */
export function resourceNames(objects: JsonObject[], namespace: string): JsonObject {
  const names: Record<string, string[]> = {};
  for (const object of objects) {
    const apiVersion = text(object, "apiVersion") ?? "";
    const kind = text(object, "kind") ?? "";
    const key = groupOf(apiVersion) === "" ? `${kind}/${apiVersion}` : `${kind}.${apiVersion}`;
    const name = text(object, "metadata", "name") ?? "";
    (names[key] ??= []).push(`${text(object, "metadata", "namespace") ?? namespace}/${name}`);
  }
  return names;
}
