import * as path from "node:path";
import { LabError } from "../../errors";
import { Json, JsonObject, child, list, text, withoutNulls } from "../../json";
import { writePrivately } from "./scratch";

/** Writes the values of a release for Helm; the ones in the program come last, and so win over files. */
export function valueFiles(inputs: JsonObject, folder: string): string[] {
  const assets = list(inputs, "valueYamlFiles").map((asset, index) => assetFile(asset, folder, index));
  return [...assets, writePrivately(path.join(folder, "values.json"), JSON.stringify(valuesOf(inputs)))];
}

/** The values in the program. A null would take a default away, which is meant only where `allowNullValues` says so. */
export function valuesOf(inputs: JsonObject): JsonObject {
  const values = child(inputs, "values");
  return inputs["allowNullValues"] === true ? values : withoutNulls(values);
}

function assetFile(asset: Json, folder: string, index: number): string {
  const file = text(asset, "path");
  if (file !== undefined) {
    return path.resolve(file);
  }
  const contents = text(asset, "text");
  if (contents === undefined) {
    throw new LabError(`valueYamlFiles[${index}] is neither a file nor a text: other assets are not supported.`);
  }
  return writePrivately(path.join(folder, `values-${index}.yaml`), contents);
}
