import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { sortedBy, sortedUnique } from "../ground/order";
import { isOfCredential } from "./credentials";
import { configPath, ConfigProblem } from "./problem";
import { ConfigKey } from "./schema";
import { isObject } from "../ground/objects";
import { didYouMean, listNames } from "../ground/suggest";
import { inQuotes, kindOf, kinds, quoting } from "../ground/words";

/** Takes every problem that is found, so that one report can hold them all. */
export type Report = (problem: ConfigProblem) => void;

/** The value in the shape that the schema asks for, or undefined after each thing that is wrong with it is reported. */
export function readShape<T extends z.ZodType>(
  schema: T,
  value: unknown,
  at: [ConfigKey, ...PropertyKey[]],
  report: Report,
): z.output<T> | undefined {
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  const { issues } = result.error;
  const isOfKind = ({ path }: z.core.$ZodIssue) =>
    !issues.some((other) => other.code === "invalid_type" && isDeepStrictEqual(other.path, path));
  for (const issue of issues) {
    // How long a list is says nothing where a text belongs.
    if (issue.code !== "too_small" || isOfKind(issue)) {
      problemsOf(issue, schema, value, at).forEach(report);
    }
  }
  return undefined;
}

/** An object read field by field, so that one field in disorder does not hide what is wrong with the others. */
export interface Fields<T extends z.ZodObject> {
  /** The object, when all of it is in shape. */
  whole?: z.output<T>;
  /** Those of its fields that are in shape, with the defaults of those that are not written. */
  sound: Partial<z.output<T>>;
}

/** Reports everything that is wrong with an object's shape, and gives what is right about it. */
export const readFields = readingBy((field, value) => z.safeParse(field, value).data);

/**
 * The same of an object whose lists and sets are read part by part, so that one item in disorder does not hide what is wrong
 * with the others. Such an item is a hole in its list, which `forEach`, `map` and `flatMap` pass over, so that the others keep
 * their places; a number or truth value in the place of a text is that text, whose own check may have more to say of it.
 */
export const readParts = readingBy(soundPart);

/** What of one field is in shape; undefined for nothing. */
type ReadPart = (field: z.core.$ZodType, value: unknown) => unknown;

function readingBy(part: ReadPart) {
  return <T extends z.ZodObject>(
    schema: T,
    value: unknown,
    at: [ConfigKey, ...PropertyKey[]],
    report: Report,
  ): Fields<T> => {
    const whole = readShape(schema, value, at, report);
    return whole === undefined
      ? { sound: soundFields(schema, value, part) as Partial<z.output<T>> }
      : { whole, sound: whole };
  };
}

function soundFields(schema: z.core.$ZodObject, value: unknown, part: ReadPart): Record<string, unknown> {
  const fields: Record<string, z.core.$ZodType> = schema._zod.def.shape;
  return Object.fromEntries(
    Object.entries(fields)
      .map(([name, field]) => [name, part(field, valueAt(value, [name]))] as const)
      .filter(([, sound]) => sound !== undefined),
  );
}

function soundPart(field: z.core.$ZodType, value: unknown): unknown {
  const { success, data } = z.safeParse(field, value);
  if (success) {
    return data;
  }
  const inner = unwrapped(field);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return soundItems(inner.element, value);
  }
  if (inner instanceof z.ZodObject && isObject(value)) {
    const sound = soundFields(inner, value, soundPart);
    const isNeeded = ([name, each]: [string, z.core.$ZodType]) => sound[name] === undefined && !isOptional(each);
    return Object.entries(inner.shape).some(isNeeded) ? undefined : sound;
  }
  return inner instanceof z.ZodString && isScalar(value) ? String(value) : undefined;
}

function soundItems(element: z.core.$ZodType, list: unknown[]): unknown[] | undefined {
  const sound: unknown[] = [];
  list.forEach((item, index) => {
    const part = soundPart(element, item);
    if (part !== undefined) {
      sound[index] = part;
    }
  });
  return sound.length === 0 ? undefined : sound;
}

/**
 * The entries of a key that maps names to things; a key that is absent or empty has none. In the order of their names,
 * because readers of stack files disagree about the order in the file, and reports must not.
 */
export function readEntries(value: unknown, key: ConfigKey, report: Report): [string, unknown][] {
  const entries = readShape(z.record(z.string(), z.unknown()), value ?? {}, [key], report) ?? {};
  return sortedBy(Object.entries(entries), ([name]) => name);
}

/** The items of a key that is a list; a key that is absent or empty has none. */
export function readItems(value: unknown, key: ConfigKey, report: Report): unknown[] {
  return readShape(z.array(z.unknown()), value ?? [], [key], report) ?? [];
}

function problemsOf(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  root: unknown,
  at: [ConfigKey, ...PropertyKey[]],
): ConfigProblem[] {
  const path = (...more: PropertyKey[]) => configPath(at[0], ...at.slice(1), ...issue.path, ...more);
  const value = valueAt(root, issue.path);
  const isRemovable = typeof [...at, ...issue.path].at(-1) === "number" || isOptional(fieldAt(schema, issue.path));
  switch (issue.code) {
    case "unrecognized_keys": {
      const set = schemaAt(schema, issue.path);
      return sortedUnique(issue.keys).map((key) => ({
        path: path(key),
        ...(isOfCredential(key) ? {} : { value: valueAt(value, [key]) }),
        ...unknownKey(key, set instanceof z.ZodObject ? Object.keys(set.shape) : []),
      }));
    }
    case "invalid_type":
      return [
        value === undefined
          ? {
              path: path(),
              problem: "Required, but missing",
              allowed: schemaAt(schema, issue.path)?.description ?? kinds[issue.expected],
              fix: "add it",
            }
          : {
              path: path(),
              value,
              problem: `Not ${kinds[issue.expected] ?? issue.expected}, but ${kindOf(value)}`,
              ...allowedRange(schemaAt(schema, issue.path)),
              ...fixOfType(issue.expected, value, fieldAt(schema, issue.path), isRemovable),
            },
      ];
    case "invalid_value":
      return [
        value === undefined
          ? { path: path(), problem: "Required, but missing", allowed: issue.values.map(String).join(", ") }
          : {
              path: path(),
              value,
              problem: "Not a known value",
              allowed: issue.values.map(String).join(", "),
              fix: typeof value === "string" ? didYouMean(value, issue.values.map(String)) : undefined,
            },
      ];
    case "invalid_format":
      // The one format that is asked of texts is that there is something in them.
      return [
        {
          path: path(),
          value,
          problem: "Must not be empty",
          fix: isRemovable ? "write what is meant, or remove it" : "write what is meant",
        },
      ];
    case "invalid_union":
      return [{ path: path(), value, problem: "Not a known value", ...allowedRange(schemaAt(schema, issue.path)) }];
    case "too_small":
    case "too_big":
      return [
        {
          path: path(),
          value,
          problem: describeSize(issue),
          ...allowedRange(schemaAt(schema, issue.path)),
          ...fixOfSize(issue, isRemovable),
        },
      ];
    default:
      return [{ path: path(), value, problem: issue.message }];
  }
}

/** How something of the wrong type is put right, where that can be told. */
function fixOfType(
  expected: string,
  value: unknown,
  field: z.core.$ZodType | undefined,
  isRemovable: boolean,
): Pick<ConfigProblem, "fix"> {
  const inner = unwrapped(field);
  if (value === null) {
    const what = kinds[expected] ?? "what is meant";
    return { fix: isRemovable ? `write ${what} there, or remove it` : `write ${what} there` };
  }
  if (expected === "string" && isScalar(value)) {
    return { fix: inQuotes(String(value)) };
  }
  if (expected === "boolean" && typeof value === "string") {
    const meant = /^(yes|y|on|true)$/i.test(value) ? "true" : /^(no|n|off|false)$/i.test(value) ? "false" : undefined;
    return { fix: meant === undefined ? "write true or false" : `write ${meant}, without quotes` };
  }
  if (/^(number|int)$/.test(expected) && typeof value === "string" && /^\d{1,9}$/.test(value)) {
    return { fix: `write ${Number(value)}, without quotes` };
  }
  if (expected === "string") {
    const [only, ...more] = Array.isArray(value) ? (value as unknown[]) : [];
    const isShort = typeof only === "string" && more.length === 0 && /^[ -~]{1,80}$/.test(only);
    return { fix: isShort ? `write "${only}", without a list` : "write one text" };
  }
  if (expected === "object" || expected === "record") {
    return { fix: "write keys and values below it" };
  }
  if (!(inner instanceof z.ZodArray)) {
    return {};
  }
  if (typeof value === "string" && inner.element instanceof z.ZodString) {
    const items = value.split(/[\s,;]+/).filter((item) => item !== "");
    return { fix: `write a list: ${JSON.stringify(items).replaceAll('","', '", "')}` };
  }
  return isObject(value) && !(inner.element instanceof z.ZodString)
    ? { fix: "make a list of it: write it as an item, behind a hyphen" }
    : { fix: "write a list" };
}

/** What is done about something that has nothing in it. */
function fixOfSize(
  { code, origin }: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  isRemovable: boolean,
): Pick<ConfigProblem, "fix"> {
  const what = origin === "array" ? "add what is meant" : origin === "string" ? "write what is meant" : undefined;
  if (what === undefined) {
    return { fix: "write a number in that range" };
  }
  return code === "too_big" ? {} : { fix: isRemovable ? `${what}, or remove it` : what };
}

/** Without quotes as a fix for what would not do in quotes either: what is wrong with that text is a problem of its own. */
export function withoutIdleQuotes(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const isQuoting = ({ fix }: ConfigProblem) => fix?.startsWith(quoting) === true;
  const mended = new Set(problems.filter((problem) => !isQuoting(problem)).map(({ path }) => path));
  return problems.filter((problem) => !isQuoting(problem) || !mended.has(problem.path));
}

/** What is wrong with a key that nobody knows. */
export function unknownKey(key: string, known: readonly string[]): Omit<ConfigProblem, "path"> {
  return { problem: "Unknown key", allowed: listNames(known), fix: didYouMean(key, known) ?? "remove it" };
}

function describeSize(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [limit, word] = issue.code === "too_small" ? [issue.minimum, "at least"] : [issue.maximum, "at most"];
  switch (issue.origin) {
    case "string":
      return "Must not be empty";
    case "array":
      return `Needs ${word} ${limit} entry`;
    default:
      return `Must be ${word} ${limit}`;
  }
}

/** What a field takes: by its description, or by the limits of a number; nothing where there is neither. */
function allowedRange(field: z.core.$ZodType | undefined): Pick<ConfigProblem, "allowed"> {
  if (!(field instanceof z.ZodNumber)) {
    const allowed = field instanceof z.ZodType ? field.description : undefined;
    return allowed === undefined ? {} : { allowed };
  }
  // Where no limit is written, zod has that of whole numbers which are exact, or an infinite one.
  const [least, most] = [field.minValue, field.maxValue].map((limit) =>
    limit !== null && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : undefined,
  );
  return least === undefined || most === undefined ? {} : { allowed: `${least} to ${most}` };
}

/** The part of a schema that is about the value at a path, without what is said of one that is not there. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  const inner = unwrapped(fieldAt(schema, path));
  return inner instanceof z.ZodType ? inner : undefined;
}

/** The part of a schema that is about a place; undefined where that leads out of sets of keys and lists. */
function fieldAt(schema: z.core.$ZodType | undefined, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined) {
    return schema;
  }
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray) {
    return fieldAt(inner.element, rest);
  }
  if (inner instanceof z.ZodRecord) {
    return fieldAt(inner.valueType, rest);
  }
  return inner instanceof z.ZodObject ? fieldAt((inner.shape as z.core.$ZodShape)[String(key)], rest) : undefined;
}

/** Whether a place may have nothing. */
function isOptional(field: z.core.$ZodType | undefined): boolean {
  return field !== undefined && z.safeParse(field, undefined).success;
}

/** The schema of a value that is there, without what is said of one that is not. */
function unwrapped(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? unwrapped(schema.unwrap())
    : schema;
}

function isScalar(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean";
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, segment) => (typeof value === "object" && value !== null ? (value as never)[segment] : undefined),
    root,
  );
}
