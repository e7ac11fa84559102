import { Json, JsonObject, Path, isObject, valueAt } from "../../json";

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
