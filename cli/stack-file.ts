import * as fs from "node:fs";
import * as path from "node:path";
import { ConfigError, withBase } from "../model";
import { BaseOptions } from "../model/config/base";
import {
  ownKeys,
  parseProgramConfig,
  parseStackFile,
  ProgramConfig,
  StackFile,
  StackFileError,
} from "../model/config/file/stack";
import {
  defaultStacksFolder,
  findProject,
  isFile,
  isFolder,
  Project,
  stackFilePath,
  stackOf,
  stacksIn,
} from "./project";
import { shown } from "./shown";

/** A stack file that is not there: the command was called with a wrong name. */
export class NoSuchStackError extends Error {}

/**
 * Reads a stack's file, as the Pulumi engine would: with what its project says for all stacks, over the base that it
 * extends. Keys of other prefixes are left out.
 *
 * @param folder where the stack files and bases are
 * @param text what the file says @default what it says now
 * @throws NoSuchStackError, StackFileError with a text for the user
 */
export function readStackFile(stack: string, folder = defaultStacksFolder(), text?: string): StackFile {
  const file = stackFilePath(stack, folder);
  if (!isFile(file)) {
    throw new NoSuchStackError(`There is no stack "${stack}": no file ${shown(file)}. ${known(folder, stack)}`);
  }
  const project = findProject(folder);
  const stackFile = parseStackFile(text ?? fs.readFileSync(file, "utf8"), shown(file), project);
  const raw = { ...ownKeys(project?.config ?? {}), ...stackFile.raw };
  const spelled = new Map([...(project?.spelled ?? []), ...stackFile.spelled]);
  return { ...stackFile, spelled, raw: overBase(raw, { ...stackFile, spelled }, folder) };
}

/**
 * Reads the whole configuration of a stack that has a file, for its project's program.
 *
 * @param text what the file says @default what it says now
 * @throws StackFileError
 */
export function readProgramConfig(stack: string, folder: string, project: Project, text?: string): ProgramConfig {
  const file = stackFilePath(stack, folder);
  return parseProgramConfig(text ?? fs.readFileSync(file, "utf8"), shown(file), project);
}

function known(folder: string, stack: string): string {
  if (!isFolder(folder)) {
    return `${folder} is ${fs.existsSync(folder) ? "a file, and no folder" : "no folder"}: --stacks is the one that stacks' files are in.`;
  }
  const stacks = stacksIn(folder);
  if (stacks.length > 0) {
    const meant = meantBy(stack);
    return `Stacks: ${stacks.join(", ")}.${meant !== stack && stacks.includes(meant) ? ` A stack is given by its name: ${meant}.` : ""}`;
  }
  return findProject(folder) === undefined
    ? `There are no stacks in ${folder}, and no Pulumi project: no Pulumi.yaml there or above. Run it in a project's folder, or name that of its stacks with --stacks.`
    : `There are no stacks in ${folder}: \`pulumi stack init\` makes one, and its allowlist is written into its file.`;
}

/** The stack whose file was given for its name, or whose name was given as Pulumi's service has it: organization/project/stack. */
function meantBy(written: string): string {
  const name = path.basename(written);
  return stackOf(name) ?? name;
}

function overBase(raw: StackFile["raw"], options: BaseOptions, folder: string): StackFile["raw"] {
  const readIfThere = (name: string) => {
    const file = path.join(folder, name);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
  };
  try {
    return withBase(raw, readIfThere, options);
  } catch (error) {
    throw error instanceof ConfigError ? new StackFileError(error.message) : error;
  }
}
