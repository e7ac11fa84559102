import { createHash, randomBytes } from "node:crypto";
import { child, isObject, Json, JsonObject, list, sameJson, text } from "../../json";
import { annotation } from "../objects/metadata";
import { fieldManager } from "../objects/requests";

/**
 * The fields of an object that one manager has applied, as the API server keeps account of them: FieldsV1 of
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/. Empty when it has applied none.
 */
export function appliedFields(live: JsonObject, manager: string): JsonObject {
  const entry = list(live, "metadata", "managedFields").find(
    (candidate) => text(candidate, "manager") === manager && text(candidate, "operation") === "Apply",
  );
  return child(entry, "fieldsV1");
}

/** The part of an object that a set of fields covers; others' keys and list items are left out. */
export function owned(live: JsonObject, fields: JsonObject): JsonObject {
  return Object.keys(fields).length === 0 ? {} : (covered(live, fields) as JsonObject);
}

/**
 * A field is a whole value when nothing is listed below it. Below, `f:` is a key, `k:` a list item by its identifying
 * keys, `v:` one by its value, `i:` one by its place, and `.` the map, list or item itself without its contents.
 */
function covered(value: Json, fields: JsonObject): Json {
  const isWhole = Object.keys(fields).length === 0;
  if (Array.isArray(value) && !isWhole) {
    return value.flatMap((item, index) => {
      const below = fieldsOfItem(fields, item, index);
      return below === undefined ? [] : [covered(item, below)];
    });
  }
  if (isObject(value) && !isWhole) {
    const kept = Object.entries(value).filter(([key]) => isObject(fields[`f:${key}`]));
    return Object.fromEntries(kept.map(([key, inner]) => [key, covered(inner, child(fields, `f:${key}`))]));
  }
  return value;
}

function fieldsOfItem(fields: JsonObject, item: Json, index: number): JsonObject | undefined {
  const matches = (step: string): boolean => {
    const named = step.slice(2);
    switch (step.slice(0, 2)) {
      case "k:":
        return Object.entries(JSON.parse(named) as JsonObject).every(([key, value]) =>
          sameJson(child(item)[key], value),
        );
      case "v:":
        return sameJson(item, JSON.parse(named) as Json);
      default:
        return step === `i:${index}`;
    }
  };
  const step = Object.keys(fields).find(matches);
  return step === undefined ? undefined : child(fields, step);
}

/** Output of a patch that keeps the name of its field manager; the official provider's name for it. */
export const managerOutput = "__fieldManager";

/**
 * The field manager of a patch that is to be made: the one that its annotation names, or one of its own. That is never
 * the name of an earlier one of the same resource, as a replacement is applied before what it replaces is released.
 */
export function newManager(urn: string, inputs: JsonObject): string {
  return annotation(inputs, "patchFieldManager") ?? `${stem(urn)}${randomBytes(3).toString("hex")}`;
}

/** Managers of earlier patches of the same resource on an object: of a replaced one, or one whose making was broken off. */
export function earlierManagers(urn: string, live: JsonObject, manager: string): string[] {
  return list(live, "metadata", "managedFields")
    .map((entry) => text(entry, "manager") ?? "")
    .filter((name) => name.startsWith(stem(urn)) && name !== manager);
}

function stem(urn: string): string {
  return `${fieldManager}-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}-`;
}
