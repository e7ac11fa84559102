import { Cluster } from "../cluster";
import { refusal } from "./refusal";
import { JsonObject, text } from "../../json";
import { Found, ReadRequest } from "../resource";
import { TypeToken } from "../token";
import { drifted } from "./drift";
import { inputsOf, outputsOf } from "./outputs";
import { idOf, locate, titleOf } from "./reference";
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
