import { Json, JsonObject, isObject } from "../../json";

export function isDefinition(inputs: JsonObject): boolean {
  return inputs["kind"] === "CustomResourceDefinition";
}

/**
 * A CustomResourceDefinition with the API's own field names: Pulumi's types write `x-kubernetes-…` with
 * underscores, since a hyphen cannot stand in a name. Names of properties in the schema are left alone.
 */
export function withApiNames(inputs: JsonObject): JsonObject {
  return renamed(inputs) as JsonObject;
}

function renamed(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(renamed);
  }
  if (!isObject(value)) {
    return value;
  }
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => {
    const name = key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key;
    return [name, key === "properties" ? eachRenamed(inner) : renamed(inner)];
  });
  return Object.fromEntries(entries);
}

/** Under `properties` the keys are the user's. */
function eachRenamed(properties: Json): Json {
  if (!isObject(properties)) {
    return properties;
  }
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, renamed(schema)]));
}
