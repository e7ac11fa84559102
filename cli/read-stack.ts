import { Command } from "commander";
import { exitCodes } from "./exit-codes";
import { NoSuchStackError, readStackFile, StackFile, StackFileError } from "./stack-file";

/**
 * The file of a stack that a command was called with. A name that no stack has is wrong use, and ends the command;
 * a file that is not YAML is a finding: it is printed, and there is no result.
 */
export function readStack(stack: string, folder: string, command: Command): StackFile | undefined {
  try {
    return readStackFile(stack, folder);
  } catch (error) {
    if (error instanceof NoSuchStackError) {
      command.error(error.message, { exitCode: exitCodes.wrongUse });
    }
    if (error instanceof StackFileError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = exitCodes.finding;
      return undefined;
    }
    throw error;
  }
}
