import { Json, Path, isAbsent, isObject, sameJson } from "../../json";

export interface Change {
  path: Path;
  kind: "add" | "delete" | "update";
}

/**
 * The smallest parts in which two documents differ, in the order of the new one.
 * Items of lists are compared by their place.
 */
export function changes(before: Json | undefined, after: Json | undefined, path: Path = []): Change[] {
  if (sameJson(before, after)) {
    return [];
  }
  if (isAbsent(before)) {
    return [{ path, kind: "add" }];
  }
  if (isAbsent(after)) {
    return [{ path, kind: "delete" }];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const places = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
    return places.flatMap((index) => changes(before[index], after[index], [...path, index]));
  }
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    return keys.flatMap((key) => changes(before[key], after[key], [...path, key]));
  }
  return [{ path, kind: "update" }];
}
