import { parseAllDocuments } from "yaml";
import { Cluster } from "../cluster";
import { Json, JsonObject, child, count, isObject, text } from "../../json";
import { namespaceArguments } from "./arguments";
import { HelmError, helm } from "./command";

/** A release as Helm has recorded it. */
export interface ReleaseStatus {
  /** The `status` output of the resource. */
  status: JsonObject;
  /** Values that were given to it. */
  values: JsonObject;
  /** The objects that it consists of, as YAML. */
  manifest: string;
}

const seconds = 60;

/** The release that the inputs name, or undefined when there is none. */
export async function releaseStatus(cluster: Cluster, inputs: JsonObject): Promise<ReleaseStatus | undefined> {
  const asked = [text(inputs, "name") ?? "", ...namespaceArguments(inputs), "--output", "json"];
  try {
    const [record, metadata] = await Promise.all([
      helm(cluster, ["status", ...asked], seconds),
      helm(cluster, ["get", "metadata", ...asked], seconds),
    ]);
    const { chart, version, appVersion } = JSON.parse(metadata) as JsonObject;
    return statusOf(JSON.parse(record) as JsonObject, {
      name: chart ?? "",
      version: version ?? "",
      appVersion: appVersion ?? "",
    });
  } catch (error) {
    if (error instanceof HelmError && error.message.includes("release: not found")) {
      return undefined;
    }
    throw error;
  }
}

/** The release in what `helm upgrade --output json` writes. */
export function upgradedStatus(written: string): ReleaseStatus {
  const record = JSON.parse(written) as JsonObject;
  return statusOf(record, child(record, "chart", "metadata"));
}

function statusOf(record: JsonObject, chart: JsonObject): ReleaseStatus {
  return {
    values: child(record, "config"),
    manifest: text(record, "manifest") ?? "",
    status: {
      name: text(record, "name") ?? "",
      namespace: text(record, "namespace") ?? "",
      revision: count(record, "version") ?? 0,
      status: text(record, "info", "status") ?? "",
      chart: text(chart, "name") ?? "",
      version: text(chart, "version") ?? "",
      appVersion: text(chart, "appVersion") ?? "",
    },
  };
}

/** The objects of a release. A big chart takes a second or two to read. */
export function objectsOf({ manifest }: ReleaseStatus): JsonObject[] {
  return parseAllDocuments(manifest)
    .map((document) => document.toJS() as Json)
    .filter(isObject);
}
