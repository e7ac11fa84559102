import { Cluster } from "../cluster";
import { JsonObject } from "../../json";
import { UpdateRequest } from "../resource";
import { timeoutOf } from "./annotations";
import { applied, settled } from "./create";
import { withLiveValues } from "./ignored";
import { manifestOf } from "./manifest";
import { outputsOf } from "./outputs";
import { servedKind } from "./patience";
import { Reference, referenceOf } from "./reference";
import { get } from "./requests";

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
