import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { StackConfig, verdicts } from "../../model";
import { jobsOf, planVerify, Row, VerifyPlan } from "../../model/verify";
import { withTakenAccess } from "../break-glass/cluster";
import { exitCodes } from "../exit-codes";
import { ClusterError } from "../kubectl";
import { NoSuchPartError, partOf } from "../matrix-part";
import { defaultStacksFolder } from "../project";
import { readConfig } from "../read-stack";
import { proxyImage, removeAll } from "../verify/pods";
import { verifyAll } from "../verify/run";
import { leftText, planText, rowsText } from "../verify/text";

interface Options {
  stacks: string;
  from?: string[];
  image?: string;
  yes?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** Workloads that are verified in one run: each takes a pod or two. */
const mostWorkloads = 50;

/** As a shell ends what Ctrl-C has ended. */
const interrupted = 130;

const help = `
Makes a pod or two for each workload, in its namespace and with its labels, calls what is granted to it and tries what is
not, and removes the pods again, after Ctrl-C too. What it will make and send is printed first, and asked. A refusal counts
only beside a granted call that passes: without one it is unknown. Whoever runs it may create Jobs in these namespaces, exec
into their pods, and, with admission, is who applies the stack or one of the workload's owners.
Exit 0: all of it held; 1: something leaked, or is unknown, or the cluster cannot be asked; 2: wrong use.`;

export function register(program: Command): void {
  program
    .command("verify")
    .description("try ways around the guard on the live cluster, from short-lived pods; exit 1 on a leak")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--from <workload>", "this workload or namespace only; several times for several", several)
    .option("--image <image>", "what the pods run: a shell and curl (default: the image of the proxies that run)")
    .option("--dry-run", "print what would be made and sent, and make nothing")
    .option("--yes", "go on without a question")
    .option("--json", "as a JSON object of {stack, rows, left}")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(verify);
}

function several(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

async function verify(stack: string, options: Options, command: Command): Promise<void> {
  if (!options.yes && !options.dryRun && !process.stdin.isTTY) {
    command.error("Nobody can answer here: --yes goes on without a question, --dry-run makes nothing.", {
      exitCode: exitCodes.wrongUse,
    });
  }
  const written = readConfig(stack, options.stacks, command);
  // What is granted beside the file is open in the mesh, and no leak.
  const config = await withTakenAccess(written, stack);
  const from = callersOf(config, options.from, command);
  const image = options.image ?? (await proxyImage(config));
  const word = randomBytes(4).toString("hex");
  const plan = planVerify(config, { word, image }, from);
  requireSome(plan, command);
  // A program reads standard output, and a person what is on the screen.
  process.stderr.write(`${planText(plan, image)}\n`);
  if (options.dryRun || !(await isAgreed(options))) {
    process.stderr.write("Nothing is made.\n");
    return;
  }
  const rows = await leavingNothing(config, plan, word);
  if (rows === undefined) {
    process.exitCode = interrupted;
    return;
  }
  const text = options.json
    ? JSON.stringify({ stack, rows, left: plan.left }, undefined, 2)
    : [rowsText(rows), ...leftText(plan)].join("\n");
  process.stdout.write(`${text}\n`);
  if (rows.some(({ result }) => result !== "held")) {
    process.exitCode = exitCodes.finding;
  }
}

function callersOf(config: StackConfig, from: string[] | undefined, command: Command): ReadonlySet<string> | undefined {
  if (from === undefined) {
    return undefined;
  }
  try {
    return new Set(partOf(config, verdicts(config), { from }).map((verdict) => verdict.from));
  } catch (error) {
    if (error instanceof NoSuchPartError) {
      command.error(error.message, { exitCode: exitCodes.wrongUse });
    }
    throw error;
  }
}

function requireSome(plan: VerifyPlan, command: Command): void {
  const { length } = plan.workloads;
  if (length > mostWorkloads) {
    command.error(
      `${length} workloads would be verified, and ${mostWorkloads} are the most at a time.\nFix: choose some of them by --from.`,
      { exitCode: exitCodes.wrongUse },
    );
  }
  if (length === 0) {
    throw new ClusterError(["There is no workload to verify.", ...leftText(plan)].join("\n"));
  }
}

async function isAgreed({ yes }: Options): Promise<boolean> {
  if (yes) {
    return true;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("Do this? [y/N] ")).trim());
  } finally {
    terminal.close();
  }
}

/**
 * Runs a plan, and removes what was made for it in any outcome.
 *
 * @returns the rows; undefined where a signal has ended it
 */
async function leavingNothing(config: StackConfig, plan: VerifyPlan, word: string): Promise<Row[] | undefined> {
  const ending = new AbortController();
  const end = () => {
    if (!ending.signal.aborted) {
      process.stderr.write("Ending: what was made is removed.\n");
      ending.abort();
    }
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  signals.forEach((signal) => process.on(signal, end));
  try {
    return await verifyAll({ config, plan, signal: ending.signal });
  } catch (error) {
    if (ending.signal.aborted) {
      return undefined;
    }
    throw error;
  } finally {
    const left = await removeAll(config.cluster, jobsOf(plan), word);
    left.forEach((each) => process.stderr.write(`Not removed, and gone by itself within 12 minutes: ${each}\n`));
    signals.forEach((signal) => process.off(signal, end));
  }
}
