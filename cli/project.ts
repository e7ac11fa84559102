import * as fs from "node:fs";
import * as path from "node:path";
import { endings, parseProjectFile } from "../model/config/file/project";
import { StackFileError } from "../model/config/file/stack";
import { isObject } from "../model/ground/objects";
import { shown } from "./shown";

/** A Pulumi project, as far as the commands need it. */
export interface Project {
  /** Where its file is. */
  folder: string;
  /** Its file, such as `/home/me/shop/Pulumi.yaml`. */
  file: string;
  /** Its own name: the prefix of its program's own keys. Those of the allowlist are `istio-egress:` in any project. */
  name: string;
  /** The program, below the folder. @default what package.json says, else the folder's index */
  main?: string;
  /** What Node.js is given before the program. */
  nodeArgs: string[];
  /** Whether Pulumi would compile TypeScript. */
  typescript: boolean;
  /** What runs the program, as `nodejs`. */
  runtime: string;
  /** Where its stacks' files are. */
  stacksFolder: string;
  /** How their names end: as the project's own. */
  ending: string;
  /** Values that its file gives for all stacks that do not have their own, by whole keys such as `istio-egress:deny`. */
  config: Record<string, unknown>;
  /** How numbers of the allowlist among them are written that do not read so, by `configPath`. */
  spelled: Map<string, string>;
}

/**
 * The Pulumi project that a folder lies in: the nearest `Pulumi.yaml` there or above it, as the engine looks for it.
 *
 * @returns undefined where there is none
 * @throws StackFileError
 */
export function findProject(from = process.cwd()): Project | undefined {
  const folder = path.resolve(from);
  const file = endings.map((ending) => path.join(folder, `Pulumi${ending}`)).find(isFile);
  if (file !== undefined) {
    return readProject(file);
  }
  return path.dirname(folder) === folder ? undefined : findProject(path.dirname(folder));
}

let stacksHere: string | undefined;

/**
 * Where stacks' files are looked for: where the project says, and in the working folder where there is no project. What is
 * wrong with a project's file is said by commands that read it, and keeps no other, nor any help, from being printed.
 */
export function defaultStacksFolder(): string {
  return (stacksHere ??= readableProject()?.stacksFolder ?? process.cwd());
}

function readableProject(): Project | undefined {
  try {
    return findProject();
  } catch (error) {
    if (error instanceof StackFileError) {
      return undefined;
    }
    throw error;
  }
}

/** The file of a stack in a folder, whether or not it is there: `Pulumi.<stack>.yaml`, or as the project's file ends. */
export function stackFilePath(stack: string, folder: string): string {
  const known = findProject(folder)?.ending;
  const candidates = (known === undefined ? endings : [known]).map((ending) => `Pulumi.${stack}${ending}`);
  const name = candidates.find((candidate) => isFile(path.join(folder, candidate)));
  return path.join(folder, name ?? `Pulumi.${stack}${known ?? ".yaml"}`);
}

/** Whether a file's name is of the kind that projects and stacks are written in. */
export function isConfigFile(file: string): boolean {
  return endings.includes(path.extname(file));
}

/** The stack that a file's name is of. @returns undefined for any other file */
export function stackOf(file: string): string | undefined {
  return isConfigFile(file) ? /^Pulumi\.(.+)$/.exec(path.parse(file).name)?.[1] : undefined;
}

/** Names of the stacks that have a file in a folder; a folder that is not there has none. */
export function stacksIn(folder: string): string[] {
  const files = isFolder(folder) ? fs.readdirSync(folder) : [];
  return files.flatMap((file) => (isFile(path.join(folder, file)) ? (stackOf(file) ?? []) : [])).sort();
}

/** Whether there is such a folder, and not a file of that name. */
export function isFolder(folder: string): boolean {
  return statOf(folder)?.isDirectory() ?? false;
}

/** Whether there is such a file, and not a folder of that name. */
export function isFile(file: string): boolean {
  return statOf(file)?.isFile() ?? false;
}

function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    // What is below a file is not there, either.
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") {
      return undefined;
    }
    throw error;
  }
}

function readProject(file: string): Project {
  const { content, name, stacks, config, spelled } = parseProjectFile(fs.readFileSync(file, "utf8"), shown(file));
  const { main, runtime } = content;
  const options = isObject(runtime) && isObject(runtime.options) ? runtime.options : {};
  const folder = path.dirname(file);
  return {
    folder,
    file,
    name,
    ...(typeof main === "string" && main !== "" ? { main } : {}),
    nodeArgs: typeof options.nodeargs === "string" ? options.nodeargs.split(/\s+/).filter(Boolean) : [],
    typescript: options.typescript !== false,
    runtime: String(isObject(runtime) ? runtime.name : runtime),
    stacksFolder: path.join(folder, stacks),
    ending: path.extname(file),
    config,
    spelled,
  };
}
