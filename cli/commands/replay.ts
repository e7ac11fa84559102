import { Command } from "commander";
import { StackConfig } from "../../model";
import { replay as replayCalls } from "../../model/traffic";
import { RevisionError } from "../diff/revision";
import { readSide } from "../diff/side";
import { exitCodes } from "../exit-codes";
import { defaultStacksFolder } from "../project";
import { readConfig } from "../read-stack";
import { NoSuchStackError } from "../stack-file";
import { isoTimes } from "../traffic/learnt";
import { callsFor, requireSeconds } from "../traffic/read";
import { Replayed, replayMarkdown, replayText } from "../traffic/replayed";

interface Options {
  stacks: string;
  base?: string;
  since?: string;
  from?: string;
  markdown?: boolean;
  json?: boolean;
}

const help = `
It holds the stack's file, as it is now, against the calls that were logged, and names those that passed and that it
would refuse. With --base only what the file at that revision lets pass can break by the change; without it, whatever
passed. --from takes what egress learn takes.
Exit 0: nothing that was used would break; 1: something would, or nothing can be read; 2: wrong use.`;

export function register(program: Command): void {
  program
    .command("replay")
    .description("which calls that were made a stack's file would refuse, from logs; exit 1 if there are any")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--base <revision>", "what the file is to take the place of: the same file at a git revision")
    .option("--since <duration>", "how far back, as 7d or 12h (default: 7d, with --from all of it)")
    .option("--from <file>", "a recording in place of the cluster's logs; - for standard input")
    .option("--markdown", "as a part of a comment on a pull request")
    .option("--json", "as JSON: {broken, held, reported, before, opened}")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(replay);
}

async function replay(stack: string, options: Options, command: Command): Promise<void> {
  const since = requireSeconds("--since", options.since, command);
  const config = readConfig(stack, options.stacks, command);
  const base = options.base === undefined ? undefined : baseOf(stack, options.base, options, command);
  const calls = await callsFor(config, stack, { from: options.from, since }, command);
  const replayed: Replayed = {
    stack,
    replay: replayCalls(config, calls, base),
    ...(options.base === undefined ? {} : { base: options.base }),
  };
  process.stdout.write(`${format(replayed, options)}\n`);
  if (replayed.replay.broken.length > 0) {
    process.exitCode = exitCodes.finding;
  }
}

function baseOf(stack: string, revision: string, { stacks: folder }: Options, command: Command): StackConfig {
  try {
    return readSide({ title: `${revision}:${stack}`, stack, folder, revision });
  } catch (error) {
    if (error instanceof RevisionError || error instanceof NoSuchStackError) {
      command.error(error.message, { exitCode: exitCodes.wrongUse });
    }
    throw error;
  }
}

function format(replayed: Replayed, { json, markdown }: Options): string {
  if (json) {
    return isoTimes(replayed.replay);
  }
  return markdown ? replayMarkdown(replayed) : replayText(replayed);
}
