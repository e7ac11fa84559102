import * as path from "node:path";
import { StackConfig } from "../../model";
import { isConfigFile, stackOf } from "../project";
import { seenConfig } from "../read-stack";
import { readStackFile } from "../stack-file";
import { atRevision } from "./revision";

/** One side of a comparison: a stack, in a folder, at a revision or as it lies there now. */
export interface Side {
  /** As the user has named it. */
  title: string;
  stack: string;
  folder: string;
  revision?: string;
}

/**
 * Reads `[REVISION:]STACK`, where a stack is a name or the path of a stack's file. Colons before the last one belong
 * to the revision: git has them in `:/text` and `HEAD@{12:00}`.
 *
 * @returns undefined when a path is not one of a stack's file
 */
export function parseSide(title: string, stacksFolder: string): Side | undefined {
  const colon = title.lastIndexOf(":");
  const written = title.slice(colon + 1);
  const revision = colon === -1 ? {} : { revision: title.slice(0, colon) };
  const stack = stackOf(written);
  if (stack === undefined && !written.includes("/") && !isConfigFile(written)) {
    return { title, stack: written, folder: stacksFolder, ...revision };
  }
  return stack === undefined ? undefined : { title, stack, folder: path.resolve(path.dirname(written)), ...revision };
}

/**
 * The side's configuration.
 *
 * @throws RevisionError, NoSuchStackError, StackFileError, ConfigError
 */
export function readSide({ stack, folder, revision }: Side): StackConfig {
  const read = (from: string) => {
    // Both sides as of today: a rule that has expired allows nothing, and to prolong it is to allow something.
    return seenConfig(readStackFile(stack, from), new Date());
  };
  return revision === undefined ? read(folder) : atRevision(revision, folder, read);
}
