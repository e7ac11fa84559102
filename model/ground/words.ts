/** `1 rule`, `1,000 rules`. */
export function counted(count: number, one: string): string {
  return `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
}

/** A text that begins with a capital letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A clause as a sentence. */
export function sentence(clause: string): string {
  return `${capital(clause)}.`;
}

/** Kinds of values as readers know them, by the names that zod has for them; a `scalar` is a number or a text. */
export const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  scalar: "a number or a text",
  boolean: "true or false",
  array: "a list",
  object: "a set of keys and values",
  record: "a set of keys and values",
};

/** What a value is, as in `Not a text, but a list`. */
export function kindOf(value: unknown): string {
  if (value === null) {
    return "empty";
  }
  return kinds[Array.isArray(value) ? "array" : typeof value] ?? typeof value;
}

/** How a fix begins that is about quotes. */
export const quoting = "put it in quotes";

/** The fix for a text that YAML reads as something else; `parseConfig` puts in how its author wrote it. */
export function inQuotes(text: string): string {
  return `${quoting}: "${text}"`;
}
