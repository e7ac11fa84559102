import { child, isObject, Json, JsonObject, Path, valueAt, withoutNulls } from "../../json";
import { Reference } from "./reference";

/** What is sent to the API server for a resource's inputs. */
export function manifestOf(inputs: JsonObject, { namespace }: Reference): JsonObject {
  const metadata = { ...child(inputs, "metadata"), ...(namespace === undefined ? {} : { namespace }) };
  const manifest = withoutNulls({ ...inputs, metadata });
  return isSecret(inputs) ? encoded(manifest) : manifest;
}

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

export function isSecret(inputs: JsonObject): boolean {
  return inputs["apiVersion"] === "v1" && inputs["kind"] === "Secret";
}

/** Parts of a Secret that are secret whoever wrote them. */
export const secretPaths: Path[] = [["data"], ["stringData"]];

/**
 * The Secret with its stringData put into data. The API would do that too, but would leave a key in data
 * when it leaves stringData.
 */
export function encoded(inputs: JsonObject): JsonObject {
  const { stringData, ...rest } = inputs;
  if (!isObject(stringData)) {
    return inputs;
  }
  const data = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString("base64")]);
  return { ...rest, data: { ...child(inputs, "data"), ...(Object.fromEntries(data) as JsonObject) } };
}

/** The live Secret with the stringData that its data would come from, for the keys that the inputs give so. */
export function withStringData(live: JsonObject, inputs: JsonObject): JsonObject {
  if (!isObject(inputs["stringData"])) {
    return live;
  }
  const data = child(live, "data");
  const given = Object.keys(inputs["stringData"]).filter((key) => typeof data[key] === "string");
  const stringData = given.map((key): [string, Json] => [key, Buffer.from(String(data[key]), "base64").toString()]);
  return { ...live, stringData: Object.fromEntries(stringData) };
}

/**
 * The manifest with the live values at ignored paths. To leave such a field out would give up the claim to it, and a
 * field that nobody claims is deleted; to apply the old value would undo what another manager has done since.
 */
export function withLiveValues(manifest: JsonObject, live: JsonObject, ignored: Path[]): JsonObject {
  return ignored.reduce<JsonObject>((result, path) => replaced(result, live, path) as JsonObject, manifest);
}

function replaced(value: Json | undefined, live: Json | undefined, path: Path): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) {
    return live;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      step === "*" || step === index ? (replaced(item, valueAt(live, [index]), rest) ?? item) : item,
    );
  }
  if (!isObject(value)) {
    return value;
  }
  const keys = step === "*" ? Object.keys(value) : [String(step)];
  const result = { ...value };
  for (const key of keys) {
    const inner = replaced(value[key], valueAt(live, [key]), rest);
    if (inner === undefined) {
      delete result[key];
    } else {
      result[key] = inner;
    }
  }
  return result;
}
