import { createHash, randomBytes } from "node:crypto";
import { JsonObject, list, text } from "../../json";
import { annotation } from "../objects/annotations";
import { fieldManager } from "../objects/requests";

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
