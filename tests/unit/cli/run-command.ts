import { Command, CommanderError } from "commander";
import { isFinding } from "../../../cli/findings";

export interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs a command of `egress` in this process, and gives what it wrote and how the process would end. */
export async function runCommand(register: (program: Command) => void, ...argv: string[]): Promise<Ended> {
  const written = { stdout: "", stderr: "" };
  const program = new Command("egress").exitOverride();
  program.configureOutput({ writeErr: (text) => void (written.stderr += text) });
  register(program);

  const writeOut = process.stdout.write.bind(process.stdout);
  const writeErr = process.stderr.write.bind(process.stderr);
  process.stdout.write = (text: unknown) => Boolean((written.stdout += String(text)));
  process.stderr.write = (text: unknown) => Boolean((written.stderr += String(text)));
  try {
    await program.parseAsync(["node", "egress", ...argv]);
    return { exitCode: Number(process.exitCode ?? 0), ...written };
  } catch (error) {
    if (error instanceof CommanderError) {
      return { exitCode: error.exitCode, ...written };
    }
    // What cli/main.ts makes of it.
    if (isFinding(error)) {
      return { exitCode: 1, stdout: written.stdout, stderr: `${error.message}\n` };
    }
    throw error;
  } finally {
    process.stdout.write = writeOut;
    process.stderr.write = writeErr;
    process.exitCode = undefined;
  }
}
