import { isObject } from "../../ground/objects";
import { configPath } from "../problem";
import { fromEngine, holdsEncrypted, ownName, readingOf, spellings, StackFileError, wholeKey } from "./stack";

/** Endings of projects' and stacks' files, in the order in which Pulumi looks for them. */
export const endings = [".json", ".yaml", ".yml"];

/** What Pulumi.yaml says of a project. */
export interface ProjectFile {
  /** The project's name, the prefix of keys that are written without one. */
  name: string;
  /** The folder of its stacks' files, below its own. @default "" its own */
  stacks: string;
  /** By whole keys, values that hold for every stack without one of its own. */
  config: Record<string, unknown>;
  /** As of a stack's file: how numbers among them are written that do not read so. */
  spelled: Map<string, string>;
  /** All of the file. */
  content: Record<string, unknown>;
}

/**
 * A project's file, as Pulumi's engine reads it:
 * https://www.pulumi.com/docs/iac/concepts/projects/project-file/. A key of the project's own is written by itself or
 * has a `default`; one of another project is written by itself or has a `value`. Whole keys only: nothing is merged
 * into a key that a stack has.
 *
 * @param file what messages call it
 * @throws StackFileError
 */
export function parseProjectFile(text: string, file: string): ProjectFile {
  const reading = readingOf(text, file, { moments: "json" });
  const content = reading.value;
  if (!isObject(content) || typeof content.name !== "string" || content.name === "") {
    throw new StackFileError(`${file}: must have the project's name under "name".`);
  }
  const { name } = content;
  // A text under "config" is how stackConfigDir was called once.
  const stacks = content.stackConfigDir ?? (typeof content.config === "string" ? content.config : "");
  const config: ProjectFile["config"] = {};
  const spelled: ProjectFile["spelled"] = new Map();
  for (const [written, declared] of Object.entries(isObject(content.config) ? content.config : {})) {
    const whole = wholeKey(written, file, { name });
    const step = isObject(declared) ? ["default", "value"].find((key) => (declared[key] ?? null) !== null) : undefined;
    const value = isObject(declared) ? step && declared[step] : declared;
    if (value === undefined || value === null) {
      continue;
    }
    const own = ownName(whole);
    if (own === undefined) {
      config[whole] = value;
      continue;
    }
    requireShared(own, written, value, file);
    config[whole] = fromEngine(value);
    for (const [rest, source] of spellings(reading, ["config", written, ...(step === undefined ? [] : [step])])) {
      spelled.set(configPath(own, ...rest), source);
    }
  }
  return { name, stacks: String(stacks), config, spelled, content };
}

function requireShared(own: string, written: string, value: unknown, file: string): void {
  if (!/^[\w-]+$/.test(own)) {
    throw new StackFileError(`${file}: "${written}" is a path into a key: write the whole of ${configPath("allow")}.`);
  }
  if (holdsEncrypted(value)) {
    throw new StackFileError(
      `${file}: ${configPath(own)} is encrypted, and each stack has an encryption key of its own.`,
    );
  }
}
