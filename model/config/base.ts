import { isObject } from "../ground/objects";
import { EncryptedPart, fromEngine, holdsEncrypted } from "./file/stack";
import { Place, Reading, readYaml, YamlError } from "./file/yaml";
import { ConfigError, configPath, ConfigProblem, projectPrefix } from "./problem";

type Settings = Record<string, unknown>;

/** The key by which a stack names the base that it shares with others: `istio-egress:extends: base`. */
export const baseKey = "extends";

/** Keys whose lists are joined, the stack's own entries first; every other list of the stack replaces the base's. */
const joinedKeys = ["allow", "deny"];

export interface BaseOptions {
  /** How numbers are written that do not read so, by `configPath`; those of the base are added. @default not noted */
  spelled?: Map<string, string>;
  /** What the stack encrypts; the name of its base must not be. @default nothing */
  encrypted?: readonly EncryptedPart[];
}

/**
 * A stack's keys over those of the base that it names; without a base, as they are.
 *
 * Sets are merged key by key and the stack wins. A list replaces the base's, except `allow` and `deny`, which are
 * joined: what everybody is allowed or denied cannot be lost by accident. A key with nothing behind it keeps the
 * base's value. A base is plain: it names no base of its own and holds nothing encrypted.
 *
 * @param stack keys without their prefix, with parsed values
 * @param readFile the text of a file beside the stack files, undefined when there is none
 * @throws ConfigError when the base cannot be read
 */
export function withBase(
  stack: Settings,
  readFile: (file: string) => string | undefined,
  { spelled, encrypted = [] }: BaseOptions = {},
): Settings {
  const { [baseKey]: name, ...own } = stack;
  if (name === undefined || name === null || name === "") {
    return own;
  }
  if (encrypted.some(([key]) => key === baseKey)) {
    throw refusal({
      problem: "Encrypted, but every reader of the stack must see what it extends",
      fix: "set it again without --secret",
    });
  }
  const { settings: base, reading } = readBase(name, readFile);
  const joined = joinedKeys.flatMap((key) => {
    const [ours, theirs]: unknown[] = [own[key], base[key]];
    return Array.isArray(ours) && Array.isArray(theirs) ? [[key, ours.concat(theirs)] as const] : [];
  });
  for (const [place, source] of reading.spelled) {
    const path = pathOfBase(JSON.parse(place) as Place, own);
    spelled?.set(path, spelled.get(path) ?? source);
  }
  return { ...merge(base, own), ...Object.fromEntries(joined) };
}

/** Where something of the base is in what is made of both: entries of joined lists come after the stack's own. */
function pathOfBase([, key, ...rest]: Place, own: Settings): string {
  const name = String(key).slice(projectPrefix.length);
  const [index, ...inside] = rest;
  const before = own[name];
  return joinedKeys.includes(name) && typeof index === "number" && Array.isArray(before)
    ? configPath(name, index + before.length, ...inside)
    : configPath(name, ...rest);
}

interface Base {
  /** Keys without their prefix. */
  settings: Settings;
  reading: Reading;
}

function readBase(name: unknown, readFile: (file: string) => string | undefined): Base {
  if (typeof name !== "string" || !/^[\w-]+$/.test(name)) {
    throw refusal({ value: name, problem: "Not the name of a base", allowed: "base for stacks/base.yaml" });
  }
  const file = `${name}.yaml`;
  const text = readFile(file);
  if (text === undefined) {
    throw refusal({ value: name, problem: `No file ${file} beside the stack's`, fix: "write one, or remove the key" });
  }
  const reading = readingOf(text, name, file);
  const content: unknown = reading.value ?? {};
  const config = isObject(content) ? (content.config ?? {}) : undefined;
  if (!isObject(config)) {
    throw refusal({ value: name, problem: `${file} must hold a set of keys and values under "config"` });
  }
  const settings = Object.entries(config).map(
    ([key, value]) => [bareKey(key, value, file), fromEngine(value)] as const,
  );
  return { settings: Object.fromEntries(settings), reading };
}

function readingOf(text: string, name: string, file: string): Reading {
  try {
    return readYaml(text);
  } catch (error) {
    throw error instanceof YamlError
      ? refusal({ value: name, problem: `${file}:${error.line}:${error.column} is not valid YAML: ${error.message}` })
      : error;
  }
}

function bareKey(key: string, value: unknown, file: string): string {
  if (!key.startsWith(projectPrefix)) {
    throw refusal({
      value: key,
      problem: `${file} has a key that is not this project's`,
      fix: "move it to the stacks",
    });
  }
  const bare = key.slice(projectPrefix.length);
  if (bare === baseKey) {
    throw refusal({ value, problem: `${file} names a base of its own`, fix: "write all that stacks share into one" });
  }
  if (holdsEncrypted(value)) {
    throw refusal({
      value: key,
      problem: `${file} holds something encrypted, and each stack has a key of its own`,
      fix: "move it to the stacks: pulumi config set --secret --path",
    });
  }
  return bare;
}

function merge(base: Settings, own: Settings): Settings {
  const merged = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const shared = merged[key];
    if (isObject(shared) && isObject(value)) {
      merged[key] = merge(shared, value);
    } else if (shared === undefined || !(value === null || value === "")) {
      merged[key] = value;
    }
  }
  return merged;
}

function refusal(problem: Omit<ConfigProblem, "path">): ConfigError {
  return new ConfigError([{ path: configPath(baseKey), ...problem }]);
}
