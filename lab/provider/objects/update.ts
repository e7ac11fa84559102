import { Cluster } from "../cluster";
import { JsonObject } from "../json";
import { UpdateRequest } from "../resource";
import { timeoutOf } from "./annotations";
import { applied, settled } from "./create";
import { withLiveValues } from "./ignored";
import { manifestOf } from "./manifest";
import { servedKind } from "./patience";
import { referenceOf } from "./reference";
import { get } from "./requests";

/** Brings the object to what the inputs say and waits until it is up again. One that was deleted meanwhile is made anew. */
export async function updateObject(cluster: Cluster, request: UpdateRequest): Promise<JsonObject> {
  const { urn, inputs, ignoreChanges } = request;
  const reference = referenceOf(cluster, await servedKind(cluster, inputs), inputs);
  const before = ignoreChanges.length > 0 ? await get(cluster, reference) : undefined;
  const manifest = manifestOf(inputs, reference);
  const wanted = before === undefined ? manifest : withLiveValues(manifest, before, ignoreChanges);
  const live = await applied(cluster, reference, inputs, wanted);
  return settled(cluster, { urn, reference, inputs, live, seconds: timeoutOf(inputs, request.timeout) });
}
