import { parseDocument } from "yaml";
import { isObject } from "../ground/objects";
import { configPath, projectPrefix } from "./path";
import { ConfigError, ConfigProblem } from "./problem";

type Settings = Record<string, unknown>;

/** The key by which a stack names the base that it shares with others: `istio-egress:extends: base`. */
export const baseKey = "extends";

/** Keys whose lists are joined, the stack's own entries first; every other list of the stack replaces the base's. */
const joinedKeys = ["allow", "deny"];

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
export function withBase(stack: Settings, readFile: (file: string) => string | undefined): Settings {
  const { [baseKey]: name, ...own } = stack;
  if (name === undefined || name === null || name === "") {
    return own;
  }
  const base = readBase(name, readFile);
  const joined = joinedKeys.flatMap((key) => {
    const [ours, theirs]: unknown[] = [own[key], base[key]];
    return Array.isArray(ours) && Array.isArray(theirs) ? [[key, ours.concat(theirs)] as const] : [];
  });
  return { ...merge(base, own), ...Object.fromEntries(joined) };
}

/** The base's keys without their prefix. */
function readBase(name: unknown, readFile: (file: string) => string | undefined): Settings {
  if (typeof name !== "string" || !/^[\w-]+$/.test(name)) {
    throw refusal({ value: name, problem: "Not the name of a base", allowed: "base for stacks/base.yaml" });
  }
  const file = `${name}.yaml`;
  const text = readFile(file);
  if (text === undefined) {
    throw refusal({ value: name, problem: `No file ${file} beside the stack's`, fix: "write one, or remove the key" });
  }
  const document = parseDocument(text, { prettyErrors: true });
  const mistake = document.errors[0];
  if (mistake !== undefined) {
    throw refusal({ value: name, problem: `${file} is not valid YAML: ${mistake.message.split("\n")[0]}` });
  }
  const content: unknown = document.toJS() ?? {};
  const config = isObject(content) ? (content.config ?? {}) : undefined;
  if (!isObject(config)) {
    throw refusal({ value: name, problem: `${file} must hold a set of keys and values under "config"` });
  }
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [bareKey(key, value, file), value]));
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
  if (holdsSecret(value)) {
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

/** Whether Pulumi has written `{ secure: <cipher text> }` anywhere in it. */
function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const parts: unknown[] = Object.values(value);
  return (parts.length === 1 && "secure" in value && typeof value.secure === "string") || parts.some(holdsSecret);
}

function refusal(problem: Omit<ConfigProblem, "path">): ConfigError {
  return new ConfigError([{ path: configPath(baseKey), ...problem }]);
}
