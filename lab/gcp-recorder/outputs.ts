import { Json, JsonObject, isAbsent, isObject, unknownValue } from "../json";
import { DeclaredTypes, Kind, Shape } from "./table/shapes";

/**
 * What a preview knows of a resource: what the program says, and "unknown" for everything that the cloud decides,
 * inside objects too. Properties that stay absent when the program leaves them out stay absent.
 */
export function previewed(token: string, inputs: JsonObject, types: DeclaredTypes): JsonObject {
  return withUnknowns(inputs, types.resources[token]?.outputs ?? {}, types);
}

function withUnknowns(given: JsonObject, shape: Shape, types: DeclaredTypes): JsonObject {
  const outputs: JsonObject = { ...given };
  for (const [name, { kind, optional }] of Object.entries(shape)) {
    const value = given[name];
    if (!isAbsent(value)) {
      outputs[name] = completed(value, kind, types);
    } else if (optional === undefined) {
      outputs[name] = unknownValue;
    }
  }
  return outputs;
}

function completed(value: Json, kind: Kind, types: DeclaredTypes): Json {
  if (typeof kind === "string") {
    return value;
  }
  if ("list" in kind && Array.isArray(value)) {
    return value.map((item) => completed(item, kind.list, types));
  }
  return "object" in kind && isObject(value) ? withUnknowns(value, types.objects[kind.object] ?? {}, types) : value;
}
