import { Json, JsonObject, Path, child, isObject } from "../../json";

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
