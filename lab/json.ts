/** A value as JSON knows it; what Pulumi and the Kubernetes API exchange. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json;
}

/** Where a value stands in a document: keys of objects and indices of lists, from the outside in. */
export type Path = (string | number)[];

/** Pulumi's stand-in for a value that is not known before the update itself. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object under `key`, or an empty one. */
export function child(value: Json | undefined, ...keys: string[]): JsonObject {
  let current = value;
  for (const key of keys) {
    current = isObject(current) ? current[key] : undefined;
  }
  return isObject(current) ? current : {};
}

/** The list under the last key, or an empty one. */
export function list(value: Json | undefined, ...keys: string[]): Json[] {
  const last = keys.pop();
  const found = last === undefined ? value : child(value, ...keys)[last];
  return Array.isArray(found) ? found : [];
}

/** The string under the last key, or undefined when there is none. */
export function text(value: Json | undefined, ...keys: string[]): string | undefined {
  const last = keys.pop();
  const found = last === undefined ? value : child(value, ...keys)[last];
  return typeof found === "string" ? found : undefined;
}

/** The number under the last key, or undefined when there is none. */
export function count(value: Json | undefined, ...keys: string[]): number | undefined {
  const last = keys.pop();
  const found = last === undefined ? value : child(value, ...keys)[last];
  return typeof found === "number" ? found : undefined;
}

/** The value at `path`, or undefined where the document ends before. */
export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  let current = value;
  for (const step of path) {
    if (Array.isArray(current)) {
      current = typeof step === "number" ? current[step] : undefined;
    } else {
      current = isObject(current) ? current[step] : undefined;
    }
  }
  return current;
}

/** Whether two values are the same document; a null and an absent value are. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b || (isAbsent(a) && isAbsent(b))) {
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => sameJson(a[key], b[key]));
  }
  return false;
}

export function isAbsent(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** The document without the keys whose value is null: what an absent field and a null one have in common in the API. */
export function withoutNulls<T extends Json>(value: T): T {
  if (Array.isArray(value)) {
    return value.map(withoutNulls) as T;
  }
  if (isObject(value)) {
    const kept = Object.entries(value).filter(([, inner]) => !isAbsent(inner));
    return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)])) as T;
  }
  return value;
}

export function hasUnknowns(value: Json | undefined): boolean {
  if (Array.isArray(value)) {
    return value.some(hasUnknowns);
  }
  return isObject(value) ? Object.values(value).some(hasUnknowns) : value === unknownValue;
}
