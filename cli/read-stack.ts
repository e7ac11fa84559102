import { Command } from "commander";
import { ConfigError, ConfigProblem, parseConfig, StackConfig } from "../model";
import { StackFile } from "../model/config/file/stack";
import { Unseen } from "../model/config/file/unseen";
import { exitCodes } from "./exit-codes";
import { NoSuchStackError, readStackFile } from "./stack-file";

/**
 * The file of a stack that a command was called with. A name that no stack has is wrong use, and ends the command.
 *
 * @throws StackFileError for a file that is not YAML
 */
export function readStack(stack: string, folder: string, command: Command): StackFile {
  try {
    return readStackFile(stack, folder);
  } catch (error) {
    if (error instanceof NoSuchStackError) {
      command.error(error.message, { exitCode: exitCodes.wrongUse });
    }
    throw error;
  }
}

/**
 * The configuration in a stack's file, as it is today. What the stack takes from elsewhere is said on stderr.
 *
 * @throws ConfigError, which names what cannot be seen first, where the rest may be wrong for want of it
 */
export function configOf(file: StackFile): StackConfig {
  const config = seenConfig(file, new Date());
  for (const { key, problem, fix } of file.unseen) {
    process.stderr.write(`Warning: ${key}: ${problem}. ${fix}.\n`);
  }
  return config;
}

/** The same without a word on stderr. */
export function seenConfig({ raw, encrypted, spelled, unseen }: StackFile, now: Date): StackConfig {
  const notSeen = unseen.map(unseenProblem);
  if (notSeen.length > 0 && Object.keys(raw).length === 0) {
    throw new ConfigError(notSeen);
  }
  try {
    return parseConfig(raw, { now, encrypted, spelled });
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError([...notSeen, ...error.problems]) : error;
  }
}

export function unseenProblem({ key, value, problem, fix }: Unseen): ConfigProblem {
  return { path: key, value, problem, fix };
}

/** The configuration of a stack that a command was called with; errors as of `readStack` and `configOf`. */
export function readConfig(stack: string, folder: string, command: Command): StackConfig {
  return configOf(readStack(stack, folder, command));
}
