import { LabError } from "../../errors";
import { JsonObject } from "../../json";
import { becomeReady, NotReadyError } from "../await/wait";
import { Cluster } from "../cluster";
import { CancelledError, CreateRequest, InitializationError, UpdateRequest } from "../resource";
import { progressOf } from "../rpc/engine";
import { manifestOf, withLiveValues } from "./manifest";
import { annotation, timeoutOf } from "./metadata";
import { outputsOf } from "./outputs";
import { patiently, servedKind } from "./patience";
import { idOf, Reference, referenceOf, titleOf } from "./reference";
import { refusal } from "./refusal";
import { apply, fieldManager, get } from "./requests";

/** Makes the object and waits until it is up. */
export async function createObject(
  cluster: Cluster,
  { urn, inputs, timeout }: CreateRequest,
): Promise<{ id: string; outputs: JsonObject }> {
  const reference = referenceOf(cluster, await servedKind(cluster, inputs), inputs);
  if (!mayTakeOver(cluster, inputs) && (await get(cluster, reference)) !== undefined) {
    throw existing(reference);
  }
  const live = await applied(cluster, reference, inputs, manifestOf(inputs, reference));
  const id = idOf(reference);
  const outputs = (latest: JsonObject): JsonObject => outputsOf(latest, inputs);
  const seconds = timeoutOf(inputs, timeout);
  return { id, outputs: await settled(cluster, { urn, reference, inputs, live, outputs, seconds }) };
}

/** Applies a manifest under a field manager's name, with refusals in words for the user. */
export async function applied(
  cluster: Cluster,
  reference: Reference,
  inputs: JsonObject,
  manifest: JsonObject,
  manager = fieldManager,
): Promise<JsonObject> {
  try {
    const force = isForced(cluster, inputs);
    return await patiently(cluster, () => apply(cluster, reference, manifest, { manager, force, dryRun: false }));
  } catch (error) {
    throw refusal(error, titleOf(reference));
  }
}

interface Applied {
  urn: string;
  reference: Reference;
  inputs: JsonObject;
  live: JsonObject;
  /** What the resource's outputs are, with the object like this. */
  outputs: (live: JsonObject) => JsonObject;
  seconds: number;
}

/**
 * The outputs of an object that was applied, once it is up.
 * @throws InitializationError when it does not come up in time, so that the engine keeps it in the state
 */
export async function settled(
  cluster: Cluster,
  { urn, reference, inputs, live, outputs, seconds }: Applied,
): Promise<JsonObject> {
  if (annotation(inputs, "skipAwait") === "true") {
    return outputs(live);
  }
  const progress = progressOf(cluster.log, urn);
  try {
    return outputs(await becomeReady(cluster, reference, live, { seconds, progress }));
  } catch (error) {
    const failed = (latest: JsonObject, reasons: string[]): InitializationError =>
      new InitializationError(idOf(reference), outputs(latest), reasons);
    if (error instanceof NotReadyError) {
      throw failed(error.live, error.reasons);
    }
    if (error instanceof CancelledError) {
      throw failed(live, [`${titleOf(reference)} is applied, but the wait for it was cancelled.`]);
    }
    throw failed(live, [`${titleOf(reference)} is applied, but waiting for it failed: ${(error as Error).message}`]);
  }
}

export function isForced(cluster: Cluster, inputs: JsonObject): boolean {
  const said = annotation(inputs, "patchForce");
  return said === undefined ? cluster.settings.patchForce : said === "true";
}

export function mayTakeOver(cluster: Cluster, inputs: JsonObject): boolean {
  return cluster.settings.upsert || isForced(cluster, inputs);
}

export function existing(reference: Reference): LabError {
  return new LabError(
    `${titleOf(reference)} exists already. Delete it, import it into the stack ` +
      `(pulumi import <type> <name> ${idOf(reference)}), leave it to its owner and add fields to it by a ` +
      `${reference.kind.kind}Patch, or take it over with the annotation pulumi.com/patchForce: "true" or ` +
      "PULUMI_K8S_ENABLE_PATCH_FORCE=true.",
  );
}

/** Brings the object to what the inputs say and waits until it is up again. One that was deleted meanwhile is made anew. */
export async function updateObject(cluster: Cluster, request: UpdateRequest): Promise<JsonObject> {
  const { urn, inputs } = request;
  const reference = referenceOf(cluster, await servedKind(cluster, inputs), inputs);
  const live = await applied(cluster, reference, inputs, await wantedManifest(cluster, reference, request));
  const outputs = (latest: JsonObject): JsonObject => outputsOf(latest, inputs);
  return settled(cluster, { urn, reference, inputs, live, outputs, seconds: timeoutOf(inputs, request.timeout) });
}

/** What an update applies: the inputs, with the live values where the program ignores changes. */
export async function wantedManifest(
  cluster: Cluster,
  reference: Reference,
  { inputs, ignoreChanges }: UpdateRequest,
): Promise<JsonObject> {
  const manifest = manifestOf(inputs, reference);
  const live = ignoreChanges.length > 0 ? await get(cluster, reference) : undefined;
  return live === undefined ? manifest : withLiveValues(manifest, live, ignoreChanges);
}
