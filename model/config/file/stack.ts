import { isObject } from "../../ground/objects";
import { configPath, projectPrefix } from "../problem";
import { configKeys } from "../schema";
import { Unseen, unseenIn } from "./unseen";
import { Place, readYaml, Reading, YamlError, YamlOptions } from "./yaml";

/** A stack's or project's file that cannot be read as one; the message is for its author. */
export class StackFileError extends Error {}

/** What a stack's file says, as Pulumi's engine reads it. */
export interface StackFile {
  /** The allowlist's keys without their prefix, and their values; `secretText` in the place of what is encrypted. */
  raw: Record<string, unknown>;
  /** Where something is encrypted: the key, and what leads to the part of it. */
  encrypted: EncryptedPart[];
  /** Numbers and truth values that do not read as they are written, such as `1.10`: their source, by `configPath`. */
  spelled: Map<string, string>;
  /** What else gives the stack configuration, and cannot be seen in its file; empty when the file is all there is. */
  unseen: Unseen[];
}

/** A part of the configuration: a key without its prefix, then keys and numbers of entries. */
export type EncryptedPart = readonly [string, ...(string | number)[]];

/** All that a stack's program is configured by, as the engine hands it over. */
export interface ProgramConfig {
  /** By whole keys, as `shop:replicas`; lists and objects as JSON. What is encrypted is `secretText`. */
  values: Record<string, string>;
  /** Keys that are encrypted, wholly or in part. */
  encrypted: string[];
}

/** Stands for what is encrypted, wherever it is shown. */
export const secretText = "[secret]";

/**
 * The `istio-egress:` keys in a stack's file; those of other prefixes are left out.
 *
 * @param file what messages call it
 * @param project whose stack it is: a key without a prefix is its own @default nobody's, which is refused
 * @throws StackFileError for what the engine refuses, and for what it reads in a way that nobody can have meant
 */
export function parseStackFile(text: string, file: string, project?: { name: string }): StackFile {
  const { content, reading } = contentOf(text, file);
  const raw: [string, unknown][] = [];
  const encrypted: EncryptedPart[] = [];
  const spelled: StackFile["spelled"] = new Map();
  for (const { whole, written, value } of configOf(content, file, project)) {
    const name = ownName(whole);
    if (name !== undefined) {
      raw.push([name, fromEngine(withoutSecrets(value, [name], encrypted))]);
      spellings(reading, ["config", written]).forEach(([rest, source]) => {
        spelled.set(configPath(name, ...rest), source);
      });
    }
  }
  return { raw: Object.fromEntries(raw), encrypted, spelled, unseen: unseenIn(content) };
}

/**
 * The whole configuration in a stack's file, for its project's program.
 *
 * @param defaults what the project's file says for all stacks, by whole keys
 * @throws StackFileError
 */
export function parseProgramConfig(
  text: string,
  file: string,
  project: { name: string; config: Record<string, unknown> },
): ProgramConfig {
  const { content } = contentOf(text, file);
  const own = configOf(content, file, project).map(({ whole, value }) => [whole, value] as const);
  const config: ProgramConfig = { values: {}, encrypted: [] };
  for (const [key, value] of Object.entries({ ...project.config, ...Object.fromEntries(own) })) {
    const parts: EncryptedPart[] = [];
    const shown = withoutSecrets(value, [key], parts) ?? "";
    config.values[key] = typeof shown === "string" ? shown : engineJson(shown);
    if (parts.length > 0) {
      config.encrypted.push(key);
    }
  }
  return config;
}

/** @throws StackFileError with the place in the file */
export function readingOf(text: string, file: string, options: YamlOptions = {}): Reading {
  try {
    return readYaml(text, { json: file.endsWith(".json"), ...options });
  } catch (error) {
    throw error instanceof YamlError
      ? new StackFileError(`${file}:${error.line}:${error.column}: not valid YAML: ${error.message}.`)
      : error;
  }
}

/** How numbers and truth values below a place are written, and what leads from there to them. */
export function spellings({ spelled }: Reading, below: Place): [Place, string][] {
  return [...spelled].flatMap(([key, source]) => {
    const place = JSON.parse(key) as Place;
    return below.every((step, index) => place[index] === step) ? [[place.slice(below.length), source]] : [];
  });
}

function contentOf(text: string, file: string): { content: Record<string, unknown>; reading: Reading } {
  const reading = readingOf(text, file);
  const content = reading.value ?? {};
  if (!isObject(content) || !isObject(content.config ?? {})) {
    throw new StackFileError(`${file}: must hold a set of keys and values under "config".`);
  }
  return { content, reading };
}

interface Entry {
  /** As the engine knows the key: `istio-egress:allow`. */
  whole: string;
  written: string;
  value: unknown;
}

function configOf({ config }: Record<string, unknown>, file: string, project?: { name: string }): Entry[] {
  const first = new Map<string, string>();
  return Object.entries((config ?? {}) as Record<string, unknown>).map(([written, value]) => {
    const whole = wholeKey(written, file, project);
    if (first.has(whole)) {
      throw new StackFileError(`${file}: ${whole} is there twice, once as "${written}": keep one of them.`);
    }
    first.set(whole, written);
    return { whole, written, value };
  });
}

const knownKeys: readonly string[] = configKeys;

/**
 * A written key as the engine knows it: it takes `istio-egress:config:allow` for `istio-egress:allow`, and a key
 * without a prefix for one of the project's own.
 *
 * @throws StackFileError for what the engine takes for no key, and for a key of the allowlist that would be another's
 */
export function wholeKey(written: string, file: string, project?: { name: string }): string {
  const parts = written.split(":");
  if (parts.length === 1) {
    if (project === undefined) {
      throw new StackFileError(
        `${file}: the key "${written}" has no project before it: write "${projectPrefix}${written}".`,
      );
    }
    const whole = `${project.name}:${written}`;
    if (ownName(whole) === undefined && knownKeys.includes(written)) {
      throw new StackFileError(
        `${file}: the key "${written}" is read as "${whole}", which is not the allowlist's: write ` +
          `"${projectPrefix}${written}", or "${whole}" if it is the program's own.`,
      );
    }
    return whole;
  }
  const isLong = parts.length === 3 && parts[1] === "config";
  if (parts.length > 2 && !isLong) {
    throw new StackFileError(`${file}: "${written}" is no key: write it as ${projectPrefix}allow.`);
  }
  return isLong ? `${parts[0]}:${parts[2]}` : written;
}

/** The key of the allowlist that a whole key is, without its prefix; undefined for others'. */
export function ownName(whole: string): string | undefined {
  return whole.startsWith(projectPrefix) ? whole.slice(projectPrefix.length) : undefined;
}

/** The keys of the allowlist, without their prefix. */
export function ownKeys(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => {
      const name = ownName(key);
      return name === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * A key's value as a program gets it. The engine hands over texts as they are, and everything else as JSON: a text
 * that is JSON cannot be told from what it says. Nothing becomes an empty text.
 */
export function fromEngine(value: unknown): unknown {
  return typeof value === "string" ? fromEngineText(value) : (value ?? "");
}

/** JSON as the engine writes it, which is Go's: what HTML and JavaScript read in a way of their own is escaped. */
export function engineJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What the engine's text for a key says. */
export function fromEngineText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Puts `secretText` wherever Pulumi has written `{ secure: <cipher text> }`, and notes where that was. */
function withoutSecrets(value: unknown, place: EncryptedPart, encrypted: EncryptedPart[]): unknown {
  if (isEncrypted(value)) {
    encrypted.push(place);
    return secretText;
  }
  if (Array.isArray(value)) {
    return value.map((part, index) => withoutSecrets(part, [...place, index], encrypted));
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, part]) => [key, withoutSecrets(part, [...place, key], encrypted)]),
      )
    : value;
}

/** Whether Pulumi's engine takes it for an encrypted text. */
export function isEncrypted(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 1 && typeof value.secure === "string";
}

/** Whether anything in a value is encrypted. */
export function holdsEncrypted(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && (isEncrypted(value) || Object.values(value).some(holdsEncrypted))
  );
}
