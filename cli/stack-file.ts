import * as fs from "node:fs";
import * as path from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { ConfigError, configKeys, withBase } from "../model";
import { isObject } from "../model/ground/objects";
import { projectPrefix } from "../model/config/path";
import { defaultStacksFolder, findProject, Project, stackFilePath, stacksIn } from "./project";

const knownKeys: readonly string[] = configKeys;

/** A stack file that is not there: the command was called with a wrong name. */
export class NoSuchStackError extends Error {}

/** A stack file that cannot be read as one. */
export class StackFileError extends Error {}

export interface StackFile {
  /** The project's keys without their prefix, and their values; an encrypted value is a placeholder. */
  raw: Record<string, unknown>;
  /** Those of the keys that are encrypted, wholly or in part. */
  encrypted: string[];
}

/** All that a stack's program is configured by, as the engine would hand it over. */
export interface ProgramConfig {
  /** By whole keys, as `shop:replicas`; lists and objects as JSON. What is encrypted is a placeholder. */
  values: Record<string, string>;
  /** Keys that are encrypted, wholly or in part. */
  encrypted: string[];
}

/**
 * Reads a stack's file, as the Pulumi engine would: with what its project says for all stacks, over the base that it
 * extends. Keys of other prefixes are left out.
 *
 * @param folder where stacks' files are @default where the project of the working folder has them
 * @throws NoSuchStackError, StackFileError, ProjectFileError with a text for the user
 */
export function readStackFile(stack: string, folder = defaultStacksFolder()): StackFile {
  const file = stackFilePath(stack, folder);
  if (!fs.existsSync(file)) {
    throw new NoSuchStackError(`There is no stack "${stack}": no file ${shown(file)}. ${known(folder)}`);
  }
  const project = findProject(folder);
  const stackFile = parseStackFile(fs.readFileSync(file, "utf8"), shown(file), project);
  const raw = { ...ownKeys(project?.config ?? {}), ...stackFile.raw };
  return { ...stackFile, raw: overBase(raw, folder) };
}

/**
 * Reads the whole configuration of a stack that has a file, for its project's program.
 *
 * @throws StackFileError
 */
export function readProgramConfig(stack: string, folder: string, project: Project): ProgramConfig {
  const file = stackFilePath(stack, folder);
  const config: ProgramConfig = { values: {}, encrypted: [] };
  const entries = { ...project.config, ...parseConfigOf(fs.readFileSync(file, "utf8"), shown(file)) };
  for (const [key, entry] of Object.entries(entries)) {
    const whole = key.includes(":") ? key : `${project.name}:${key}`;
    const { value, hadSecrets } = withoutSecrets(entry);
    config.values[whole] = typeof value === "string" ? value : JSON.stringify(value);
    if (hadSecrets) {
      config.encrypted.push(whole);
    }
  }
  return config;
}

function known(folder: string): string {
  const stacks = stacksIn(folder);
  if (stacks.length > 0) {
    return `Stacks: ${stacks.join(", ")}.`;
  }
  return findProject(folder) === undefined
    ? "There are no stacks, and no Pulumi project: no Pulumi.yaml there or above."
    : "There are no stacks.";
}

/** The keys of the allowlist, without their prefix. */
function ownKeys(config: Record<string, unknown>): Record<string, unknown> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(projectPrefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(projectPrefix.length), value]));
}

function overBase(raw: StackFile["raw"], folder: string): StackFile["raw"] {
  const readIfThere = (name: string) => {
    const file = path.join(folder, name);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
  };
  try {
    return withBase(raw, readIfThere);
  } catch (error) {
    throw error instanceof ConfigError ? new StackFileError(error.message) : error;
  }
}

/** What is under "config" in a stack file's text; `file` is what messages call it. */
function parseConfigOf(text: string, file: string): Record<string, unknown> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const mistake = document.errors[0];
  if (mistake !== undefined) {
    const { line, col } = lineCounter.linePos(mistake.pos[0]);
    throw new StackFileError(`${file}:${line}:${col}: not valid YAML: ${mistake.message}.`);
  }
  const content: unknown = document.toJS() ?? {};
  const config = isObject(content) ? (content.config ?? {}) : undefined;
  if (!isObject(config)) {
    throw new StackFileError(`${file}: must hold a set of keys and values under "config".`);
  }
  return config;
}

/**
 * The allowlist's part of a stack file's text; `file` is what messages call it.
 *
 * @param project whose stack it is: a key without a prefix is its own @default nobody's, which is refused
 */
export function parseStackFile(text: string, file: string, project?: Pick<Project, "name">): StackFile {
  const stackFile: StackFile = { raw: {}, encrypted: [] };
  for (const [written, value] of Object.entries(parseConfigOf(text, file))) {
    const key = project === undefined || written.includes(":") ? written : `${project.name}:${written}`;
    if (key !== written && key !== `${projectPrefix}${written}` && knownKeys.includes(written)) {
      throw new StackFileError(
        `${file}: the key "${written}" is read as "${key}", which is not the allowlist's: write ` +
          `"${projectPrefix}${written}", or "${key}" if it is the program's own.`,
      );
    }
    if (!key.includes(":")) {
      throw new StackFileError(`${file}: the key "${key}" has no project before it: write "${projectPrefix}${key}".`);
    }
    if (key.startsWith(projectPrefix)) {
      const name = key.slice(projectPrefix.length);
      const revealed = withoutSecrets(value);
      stackFile.raw[name] = revealed.value;
      if (revealed.hadSecrets) {
        stackFile.encrypted.push(name);
      }
    }
  }
  return stackFile;
}

/** Puts a placeholder wherever Pulumi has written `{ secure: <cipher text> }`: reading a stack needs no passphrase. */
function withoutSecrets(value: unknown): { value: unknown; hadSecrets: boolean } {
  if (isObject(value) && Object.keys(value).length === 1 && typeof value.secure === "string") {
    return { value: "[encrypted]", hadSecrets: true };
  }
  if (typeof value !== "object" || value === null) {
    return { value, hadSecrets: false };
  }
  const parts = Object.entries(value).map(([key, part]) => [key, withoutSecrets(part)] as const);
  return {
    value: Array.isArray(value)
      ? parts.map(([, part]) => part.value)
      : Object.fromEntries(parts.map(([key, part]) => [key, part.value])),
    hadSecrets: parts.some(([, part]) => part.hadSecrets),
  };
}

function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}
