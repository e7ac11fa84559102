/** Words of the Common Expression Language, in which admission policies are written. */

/** A text as a literal. */
export function quoted(value: string): string {
  return JSON.stringify(value);
}

/** A list of texts as a literal. */
export function listed(values: readonly string[]): string {
  return `[${values.map(quoted).join(", ")}]`;
}

/** A map with texts for keys as a literal; its values are expressions. */
export function mapped(entries: Iterable<readonly [string, string]>): string {
  return `{${[...entries].map(([key, value]) => `${quoted(key)}: ${value}`).join(", ")}}`;
}

/** Labels, or other texts by their keys, as a literal. */
export function mappedTexts(values: Record<string, string>): string {
  return mapped(Object.entries(values).map(([key, value]) => [key, quoted(value)] as const));
}

/** Lists one after the other. */
export function joined(...lists: string[]): string {
  return lists.map((list) => `(${list})`).join(" + ");
}

/** A list of one text where a condition holds, and an empty one elsewhere. */
export function when(condition: string, text: string): string {
  return `${condition} ? [${quoted(text)}] : []`;
}
