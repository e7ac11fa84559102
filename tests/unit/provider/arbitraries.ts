import fc from "fast-check";
import { Json, JsonObject, Path, isObject } from "../../../lab/json";

const key = fc.oneof(
  fc.constantFrom("a", "b", "name", "app.kubernetes.io/name", "x-y", 'a"b', "[0]", "*a"),
  fc.string(),
);

/** Documents as programs write them: objects of values, lists and objects. */
export const document: fc.Arbitrary<JsonObject> = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.string(), fc.integer(), fc.boolean()),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("object"),
  ),
  object: fc.dictionary(
    key.filter((name) => name !== "__proto__"),
    tie("value"),
    { maxKeys: 5, noNullPrototype: true },
  ),
})).object;

/** Paths of all values in a document, outermost first. */
export function pathsIn(value: Json, path: Path = []): Path[] {
  const own = path.length > 0 ? [path] : [];
  if (Array.isArray(value)) {
    return [...own, ...value.flatMap((item, index) => pathsIn(item, [...path, index]))];
  }
  if (isObject(value)) {
    return [...own, ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, [...path, name]))];
  }
  return own;
}
