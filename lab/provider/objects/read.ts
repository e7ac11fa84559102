import { isAbsent, isObject, Json, JsonObject, sameJson, text } from "../../json";
import { Cluster } from "../cluster";
import { Found, ReadRequest, TypeToken } from "../resource";
import { inputsOf, outputsOf } from "./outputs";
import { idOf, locate, titleOf } from "./reference";
import { refusal } from "./refusal";
import { get } from "./requests";

/** The object as it is; undefined when it, or its kind, is gone. */
export async function readObject(cluster: Cluster, request: ReadRequest, token: TypeToken): Promise<Found | undefined> {
  const { inputs, outputs } = request;
  const apiVersion = text(inputs, "apiVersion") ?? text(outputs, "apiVersion") ?? token.apiVersion;
  const kind = text(inputs, "kind") ?? text(outputs, "kind") ?? token.kind;
  const reference = await locate(cluster, request.id, apiVersion, kind);
  if (reference === undefined) {
    return undefined;
  }
  let live: JsonObject | undefined;
  try {
    live = await get(cluster, reference);
  } catch (error) {
    throw refusal(error, titleOf(reference));
  }
  if (live === undefined) {
    return undefined;
  }
  const isImport = Object.keys(inputs).length === 0;
  const seen = outputsOf(live, inputs);
  return {
    id: idOf(reference),
    outputs: seen,
    inputs: isImport ? inputsOf(live) : drifted(inputs, outputs, seen),
  };
}

/**
 * What a program would have to say for the object as it is now.
 *
 * A field of the inputs has drifted when the live object differs from the one that the API server gave after the
 * last update; so values that the server writes in its own way (`1000m` as `1`) are no drift. What has not drifted
 * keeps the input's words, what has takes the live value, and fields that the inputs do not have are left out.
 *
 * @param input what was applied last
 * @param recorded the object as the server gave it then
 * @param live the object now
 */
export function drifted(input: JsonObject, recorded: JsonObject, live: JsonObject): JsonObject {
  return follow(input, recorded, live) as JsonObject;
}

function follow(input: Json, recorded: Json | undefined, live: Json | undefined): Json | undefined {
  if (sameJson(recorded, live) || sameJson(input, live)) {
    return input;
  }
  if (isObject(input) && isObject(live)) {
    const before = isObject(recorded) ? recorded : {};
    const entries = Object.entries(input).map(([key, value]) => [key, follow(value, before[key], live[key])] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
  }
  if (Array.isArray(input) && Array.isArray(live)) {
    return followList(input, Array.isArray(recorded) ? recorded : [], live);
  }
  return isAbsent(live) ? undefined : live;
}

function followList(input: Json[], recorded: Json[], live: Json[]): Json[] {
  if ([...input, ...live].every((item) => text(item, "name") !== undefined)) {
    return followNamed(input, recorded, live);
  }
  if (input.length === recorded.length && input.length === live.length) {
    return input.map((item, index) => follow(item, recorded[index], live[index]) ?? null);
  }
  return live;
}

/** Lists of things that are known by their names, such as containers: items that admission had added are no drift. */
function followNamed(input: Json[], recorded: Json[], live: Json[]): Json[] {
  return live.flatMap((item) => {
    const byName = (items: Json[]): Json | undefined =>
      items.find((other) => text(other, "name") === text(item, "name"));
    const wanted = byName(input);
    if (wanted === undefined) {
      return byName(recorded) === undefined ? [item] : [];
    }
    return [follow(wanted, byName(recorded), item) ?? null];
  });
}
