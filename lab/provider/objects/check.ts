import { ResourceKind } from "../../kubernetes/discovery";
import { UnreachableError } from "../../kubernetes/client";
import { Cluster, defaultNamespace } from "../cluster";
import { JsonObject, isAbsent, isObject, text, unknownValue } from "../../json";
import { CheckFailure, CheckRequest, CheckResult, TypeToken } from "../resource";
import { isDefinition, withApiNames } from "./manifest";
import { named } from "./metadata";

/**
 * Fills in what the program may leave out: API version and kind, a name, the namespace. What the fields must
 * look like is for the API server to say, in the dry run.
 */
export async function checkObject(cluster: Cluster, request: CheckRequest, token: TypeToken): Promise<CheckResult> {
  const { news } = request;
  const failures = failuresOf(news, token);
  if (failures.length > 0) {
    return { inputs: news, failures };
  }
  if (news["metadata"] === unknownValue) {
    return { inputs: news, failures };
  }
  const given: JsonObject = {
    ...news,
    apiVersion: news["apiVersion"] ?? token.apiVersion,
    kind: news["kind"] ?? token.kind,
  };
  const { metadata, failure } = named({ ...request, news: given });
  const kind = await kindNow(cluster, given);
  if (kind?.namespaced && isAbsent(metadata["namespace"])) {
    metadata["namespace"] = defaultNamespace(cluster);
  }
  const inputs: JsonObject = { ...given, metadata };
  return { inputs: isDefinition(inputs) ? withApiNames(inputs) : inputs, failures: failure ? [failure] : [] };
}

/** The kind as it is served at this moment; a server that cannot be reached is reported when something is asked of it. */
async function kindNow(cluster: Cluster, inputs: JsonObject): Promise<ResourceKind | undefined> {
  try {
    return await cluster.discovery.find(text(inputs, "apiVersion") ?? "", text(inputs, "kind") ?? "");
  } catch (error) {
    if (error instanceof UnreachableError) {
      return undefined;
    }
    throw error;
  }
}

function failuresOf(news: JsonObject, token: TypeToken): CheckFailure[] {
  const { metadata } = news;
  if (token.kind.endsWith("List") && Array.isArray(news["items"])) {
    return [refused(`${token.kind} resources are not supported: declare its items one by one.`)];
  }
  if (!isAbsent(metadata) && !isObject(metadata) && metadata !== unknownValue) {
    return [{ property: "metadata", reason: "metadata must be an object." }];
  }
  return [];
}

function refused(reason: string): CheckFailure {
  return { property: "", reason: `${reason} The provider in use stands in for the official kubernetes provider.` };
}
