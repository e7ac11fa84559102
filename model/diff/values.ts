import { isObject } from "../ground/objects";
import { sortedBy, sortedUnique } from "../ground/order";

/** Whether two plain values mean the same: the order of keys plays no part, nor does a key without a value. */
export function sameValue(a: unknown, b: unknown): boolean {
  return canonicalText(a) === canonicalText(b);
}

/** JSON with sorted keys; undefined for undefined. */
export function canonicalText(value: unknown): string | undefined {
  return JSON.stringify(withSortedKeys(value));
}

/** The value with the keys of every object in it sorted. */
export function withSortedKeys<T>(value: T): T {
  if (Array.isArray(value)) {
    return value.map(withSortedKeys) as T;
  }
  return isObject(value)
    ? (Object.fromEntries(
        sortedBy(Object.entries(value), ([key]) => key).map(([key, part]) => [key, withSortedKeys(part)]),
      ) as T)
    : value;
}

export interface ValueChange {
  key: string;
  before?: unknown;
  after?: unknown;
}

/** The keys, sorted, under which two maps differ. */
export function valueChanges(before: Map<string, unknown>, after: Map<string, unknown>): ValueChange[] {
  return sortedUnique([...before.keys(), ...after.keys()])
    .filter((key) => !sameValue(before.get(key), after.get(key)))
    .map((key) => ({
      key,
      ...(before.has(key) ? { before: before.get(key) } : {}),
      ...(after.has(key) ? { after: after.get(key) } : {}),
    }));
}
