import { Command } from "commander";
import { Comparison, compareSides, compareWithBase, isDifferent } from "../diff/compare";
import { diffMarkdown } from "../diff/markdown";
import { RevisionError } from "../diff/revision";
import { parseSide, Side } from "../diff/side";
import { diffText } from "../diff/text";
import { exitCodes } from "../exit-codes";
import { defaultStacksFolder } from "../project";
import { NoSuchStackError } from "../stack-file";

interface Options {
  stacks: string;
  base?: string;
  markdown?: boolean;
  json?: boolean;
  exitCode?: boolean;
}

const help = `
A side is a stack's name (prod), the path of its file (stacks/Pulumi.prod.yaml), or either of them at a git revision
(main:prod, HEAD~1:stacks/Pulumi.prod.yaml).

  egress diff staging prod                two stacks
  egress diff main:prod prod              one stack, as main has it and as it is now
  egress diff --base main                 every stack, as main has it and as it is now

It compares what configurations mean: order, quotes and defaults that are written out make no difference. Encrypted
values are not compared. A difference is no failure: exit 0 with or without one, unless --exit-code is given; exit 1
when a side is no sound configuration; exit 2 when a side is not there.`;

export function register(program: Command): void {
  program
    .command("diff")
    .description("who gains and who loses what, between two stack files or git revisions")
    .usage("[options] <old> <new>\n       egress diff [options] --base <revision> [stack...]")
    .argument("[sides...]", "the old side and the new one; with --base, stacks' names")
    .option("--base <revision>", "compare stacks as a git revision has them with what they are now")
    .option("--markdown", "as a comment on a pull request")
    .option("--json", "as a JSON array of {title, stack, diff, risks, unreadable}, one for each pair")
    .option("--exit-code", "end with 1 if there is a difference")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(diff);
}

function diff(sides: string[], options: Options, command: Command): void {
  let comparisons: Comparison[];
  try {
    comparisons =
      options.base === undefined
        ? [compareSides(...twoSides(sides, options.stacks, command))]
        : compareWithBase(options.base, options.stacks, sides);
  } catch (error) {
    if (error instanceof RevisionError || error instanceof NoSuchStackError) {
      command.error(error.message, { exitCode: exitCodes.wrongUse });
    }
    throw error;
  }

  process.stdout.write(`${format(comparisons, options)}\n`);
  if (comparisons.some(({ unreadable }) => unreadable.length > 0)) {
    process.exitCode = exitCodes.finding;
  } else if (options.exitCode && comparisons.some(isDifferent)) {
    process.exitCode = exitCodes.finding;
  }
}

function twoSides(titles: string[], folder: string, command: Command): [Side, Side] {
  const [before, after, ...rest] = titles;
  if (before === undefined || after === undefined || rest.length > 0) {
    command.error(`A comparison has two sides, an old one and a new one, but ${titles.length} given; or use --base.`, {
      exitCode: exitCodes.wrongUse,
    });
  }
  return [side(before, folder, command), side(after, folder, command)];
}

function side(title: string, folder: string, command: Command): Side {
  return (
    parseSide(title, folder) ??
    command.error(`"${title}" is no stack's file: those are called Pulumi.<stack>.yaml.`, {
      exitCode: exitCodes.wrongUse,
    })
  );
}

function format(comparisons: Comparison[], { json, markdown }: Options): string {
  if (json) {
    return JSON.stringify(comparisons, undefined, 2);
  }
  return markdown ? diffMarkdown(comparisons) : diffText(comparisons);
}
