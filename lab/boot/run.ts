import { execFileSync } from "node:child_process";
import { LabError } from "../errors";

/**
 * Runs a short command to its end and gives its output.
 * @throws LabError that quotes the command and what it said, when it fails
 */
export function run(command: string, args: string[], input?: string): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", input, stdio: "pipe" });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new LabError(`\`${[command, ...args].join(" ")}\` failed: ${stderr?.trim() || message}`);
  }
}
