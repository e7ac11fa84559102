import { Cluster } from "../cluster";
import { isUntold, refusal } from "./refusal";
import { JsonObject, hasUnknowns, list, text } from "../../json";
import { UpdateRequest, CreateRequest } from "../resource";
import { existing, isForced, mayTakeOver, wantedManifest } from "./apply";
import { manifestOf } from "./manifest";
import { outputsOf, previewOf } from "./outputs";
import { Reference, referenceOf, titleOf } from "./reference";
import { apply, fieldManager, get } from "./requests";

/** What creating the object would give, asked of the API server where it can know. */
export async function previewCreate(cluster: Cluster, { inputs }: CreateRequest): Promise<JsonObject> {
  const reference = await askable(cluster, inputs);
  if (reference === undefined) {
    return previewOf(inputs, undefined);
  }
  const live = await get(cluster, reference);
  if (live !== undefined && !mayTakeOver(cluster, inputs)) {
    if (!isOurs(live)) {
      throw existing(reference);
    }
    return previewOf(inputs, undefined);
  }
  return previewOf(inputs, await dryRun(cluster, reference, inputs, manifestOf(inputs, reference)));
}

/** What updating the object would give, asked of the API server where it can know. */
export async function previewUpdate(cluster: Cluster, request: UpdateRequest): Promise<JsonObject> {
  const { inputs } = request;
  const reference = await askable(cluster, inputs);
  const manifest = reference && (await wantedManifest(cluster, reference, request));
  const tried = manifest && (await dryRun(cluster, reference, inputs, manifest));
  return tried === undefined ? previewOf(inputs, undefined) : outputsOf(tried, inputs);
}

/** The object to ask about; undefined when too little is known of it, or when its kind is not served yet. */
export async function askable(cluster: Cluster, inputs: JsonObject): Promise<Reference | undefined> {
  if (hasUnknowns(inputs)) {
    return undefined;
  }
  const kind = await cluster.discovery.find(text(inputs, "apiVersion") ?? "", text(inputs, "kind") ?? "");
  return kind && referenceOf(cluster, kind, inputs);
}

/** The server's answer to a dry run, or undefined when it cannot tell before the update itself. */
export async function dryRun(
  cluster: Cluster,
  reference: Reference,
  inputs: JsonObject,
  manifest: JsonObject,
  manager = fieldManager,
): Promise<JsonObject | undefined> {
  try {
    return await apply(cluster, reference, manifest, { manager, force: isForced(cluster, inputs), dryRun: true });
  } catch (error) {
    if (isUntold(error)) {
      return undefined;
    }
    throw refusal(error, titleOf(reference));
  }
}

/**
 * An object that exists when its creation is previewed, and that Pulumi applied, is the one that this creation
 * replaces: the engine deletes it before, but not in a preview.
 */
function isOurs(live: JsonObject): boolean {
  return list(live, "metadata", "managedFields").some(
    (entry) => text(entry, "manager") === fieldManager && text(entry, "operation") === "Apply",
  );
}
