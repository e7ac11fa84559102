import { Command, CommanderError } from "commander";
import * as fs from "node:fs";
import * as path from "node:path";
import { exitCodes } from "./exit-codes";
import { isFinding } from "./findings";
import * as check from "./commands/check";
import * as diff from "./commands/diff";
import * as doctor from "./commands/doctor";
import * as explain from "./commands/explain";
import * as grant from "./commands/grant";
import * as graph from "./commands/graph";
import * as lab from "./commands/lab";
import * as learn from "./commands/learn";
import * as logs from "./commands/logs";
import * as matrix from "./commands/matrix";
import * as presets from "./commands/presets";
import * as replay from "./commands/replay";
import * as report from "./commands/report";
import * as render from "./commands/render";
import * as tls from "./commands/tls";
import * as verify from "./commands/verify";

const program = new Command("egress")
  .description("Says, shows and proves which workload may reach which external host.")
  .helpCommand(false)
  .version(version(), "-V, --version", "display the package's version")
  .exitOverride();

// A reader that has seen enough, as `head` does, is no error: the command ends as it stands.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") {
    process.stderr.write(`Standard output cannot be written: ${error.message}\n`);
    process.exit(exitCodes.finding);
  }
  // Commands that run until they are told to end have a listener of their own, and end in order.
  if (process.stdout.listenerCount("error") === 1) {
    process.exit();
  }
});

/** The version of the package that this file is a part of, built or not. */
function version(): string {
  const files = ["..", "../.."].map((above) => path.join(__dirname, above, "package.json"));
  const file = files.find((each) => fs.existsSync(each))!;
  return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}

async function main(): Promise<void> {
  try {
    for (const command of [
      check,
      explain,
      presets,
      matrix,
      tls,
      logs,
      learn,
      doctor,
      verify,
      grant,
      diff,
      replay,
      report,
      render,
      graph,
      lab,
    ]) {
      command.register(program);
    }
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** Says what went wrong, in the reader's terms where they can do something about it. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has said it already; asking for help is no error.
    return error.exitCode === 0 ? exitCodes.fine : exitCodes.wrongUse;
  }
  if (isFinding(error)) {
    process.stderr.write(`${error.message}\n`);
    return exitCodes.finding;
  }
  if (error instanceof Error && "syscall" in error) {
    // What the system refuses, as a full disk, is said by it in a sentence.
    process.stderr.write(`${error.message}\n`);
    return exitCodes.finding;
  }
  // Anything else is a mistake of ours, and its trace is what helps.
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCodes.finding;
}

void main();
