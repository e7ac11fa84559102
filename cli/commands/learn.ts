import * as fs from "node:fs";
import { Command } from "commander";
import { forwardingOf, meshTraits, StackConfig } from "../../model";
import { Addition, additionsText } from "../../model/config/file/additions";
import { parseStackFile } from "../../model/config/file/stack";
import { additionsOf, Proposal, propose } from "../../model/traffic";
import { exitCodes } from "../exit-codes";
import { defaultStacksFolder, findProject, stackFilePath } from "../project";
import { configOf, readStack } from "../read-stack";
import { isoTimes, learntText, leftComments, promotionComments } from "../traffic/learnt";
import { callsFor, requireSeconds } from "../traffic/read";
import { writeProposal } from "../traffic/write";

interface Options {
  stacks: string;
  since?: string;
  from?: string;
  owner?: string;
  fold?: boolean;
  yaml?: boolean;
  json?: boolean;
  write?: boolean;
  promote?: boolean;
}

const help = `
It counts the calls that were logged and that no rule grants, refused or not, and proposes what would grant them. A new
destination grants exactly what was called: hosts are put together only where the same workloads call them by the same
protocols. Nothing is proposed that deny holds, that leads inside, or that has no name a rule could be for.

--from takes one JSON object a line: a proxy's own lines, as kubectl logs shows them, Cloud Logging's LogEntry, or what
Loki gives (logcli query --output=jsonl, or an answer of its API). A file that ends with .gz is read as such.

--fold puts *.example.com in the place of three names or more below example.com that the same workloads call: it grants
every name there, and the proposal says so. Never below a public suffix.

What passes by a rule in report mode only is proposed as well: a rule of a workload's own to be enforced, by one word, and of
a whole namespace's a rule for each workload that called.

--write adds the proposal to the stack's file. Every character that is there stays. --promote writes that one word, too. Both
are refused, and nothing is written, where the file has changed meanwhile or egress check would not be green with it.
Exit 0: fine; 1: nothing can be read, or --write is refused; 2: wrong use.`;

export function register(program: Command): void {
  program
    .command("learn")
    .description("what to add to a stack so that what was called is allowed, from logs")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--since <duration>", "how far back, as 7d or 12h (default: 7d, with --from all of it)")
    .option("--from <file>", "a recording in place of the cluster's logs; - for standard input")
    .option("--owner <name>", "who is to answer for the proposed rules")
    .option("--fold", "a wildcard in the place of three names or more that differ in their first label only")
    .option("--yaml", "the proposal as YAML to paste")
    .option("--json", "the proposal as JSON: {destinations, ways, rules, learnt, promotions, left, granted}")
    .option("--write", "add the proposal to the stack's file")
    .option("--promote", "with --write, write mode: enforce at rules that only report and were used")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(learn);
}

async function learn(stack: string, options: Options, command: Command): Promise<void> {
  const since = requireSeconds("--since", options.since, command);
  const chosen = (["yaml", "json", "write"] as const).filter((name) => options[name]);
  if (chosen.length > 1) {
    command.error(`--${chosen.join(" and --")} are different outputs: choose one.`, { exitCode: exitCodes.wrongUse });
  }
  if (options.owner?.trim() === "") {
    command.error("--owner names who is to answer for the rules, and is empty.", { exitCode: exitCodes.wrongUse });
  }
  if (options.promote && !options.write) {
    command.error("--promote is taken only with --write.", { exitCode: exitCodes.wrongUse });
  }
  const stackFile = readStack(stack, options.stacks, command);
  const file = stackFilePath(stack, options.stacks);
  // As it is before the logs are read, which may take long.
  const text = fs.readFileSync(file, "utf8");
  const config = configOf(stackFile);
  requireWildcards(config, options, command);
  const calls = await callsFor(config, stack, { from: options.from, since }, command);
  const { owner, fold = false } = options;
  const proposal = propose(config, calls, { fold, ...(owner === undefined ? {} : { owner }) });
  if (!options.write && !options.yaml) {
    process.stdout.write(`${options.json ? isoTimes(proposal) : learntText(proposal)}\n`);
    return;
  }
  const additions = additionsOf(proposal, parseStackFile(text, file, findProject(options.stacks)).raw);
  if (options.yaml) {
    process.stdout.write(`${pasteText(proposal, additions)}\n`);
    return;
  }
  const { stacks: folder, promote = false } = options;
  const written = writeProposal({ stack, folder, file, text, config, proposal, additions, promote });
  process.stdout.write(`${learntText(proposal)}\n\n${written}\n`);
}

/** Names are folded only where a wildcard could be granted. */
function requireWildcards({ mesh }: StackConfig, { fold }: Options, command: Command): void {
  const { noWildcards } = forwardingOf(meshTraits(mesh));
  if (fold && noWildcards !== undefined) {
    command.error(`--fold makes wildcards, and ${noWildcards}.`, { exitCode: exitCodes.wrongUse });
  }
}

function pasteText(proposal: Proposal, additions: Addition[]): string {
  const { rules, ways, promotions } = proposal;
  const head =
    rules.length === 0 && ways.length === 0
      ? [promotions.length === 0 ? "# Nothing to propose." : "# Nothing to add."]
      : ["# To paste into the stack's file; what has a key there already goes below that one.", "config:"];
  return [...head, additionsText(additions).trimEnd(), ...promotionComments(proposal), ...leftComments(proposal)]
    .filter((line) => line !== "")
    .join("\n");
}
