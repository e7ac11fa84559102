/** An object with named fields, of which nothing else is known. */
export type Fields = Record<string, unknown>;

/** Whether a value is an object with named fields: no list, no null. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value's fields; none of what is no object. */
export function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

/** A value's items; none of what is no list. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A list without the holes that are left of items in disorder. */
export function present<T>(list: readonly T[]): T[] {
  return list.filter(() => true);
}

/** Whether a value has something under a key; a key with nothing behind it says nothing. */
export function says<K extends string>(value: unknown, key: K): value is Fields & Record<K, NonNullable<unknown>> {
  return isObject(value) && value[key] !== undefined && value[key] !== null;
}

/** An object without the keys that have no value. */
export function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Objects merged key by key, at any depth; anything else in `overrides` replaces what was there. Helm's own rule. */
export function mergeDeep(defaults: Fields, overrides: Fields): Fields {
  const merged: Fields = { ...defaults };
  for (const [key, override] of Object.entries(overrides)) {
    const current = merged[key];
    merged[key] = isObject(current) && isObject(override) ? mergeDeep(current, override) : override;
  }
  return merged;
}
