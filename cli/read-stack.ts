import { Command } from "commander";
import { parseConfig, StackConfig } from "../model";
import { exitCodes } from "./exit-codes";
import { NoSuchStackError, readStackFile, StackFile } from "./stack-file";

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

/** The configuration in a stack's file, as it is today. @throws ConfigError */
export function configOf({ raw, encrypted }: StackFile): StackConfig {
  return parseConfig(raw, { now: new Date(), encrypted });
}

/** The configuration of a stack that a command was called with; errors as of `readStack` and `configOf`. */
export function readConfig(stack: string, folder: string, command: Command): StackConfig {
  return configOf(readStack(stack, folder, command));
}
