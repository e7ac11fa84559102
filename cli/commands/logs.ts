import { Command } from "commander";
import { StackConfig } from "../../model";
import { Decision, ocsfEvent } from "../../model/access-log";
import { withTakenAccess } from "../break-glass/cluster";
import { exitCodes } from "../exit-codes";
import { followDecisions } from "../logs/follow";
import { LogLimits } from "../logs/line";
import { readDecisions, requireLogs } from "../logs/read";
import { logJson, logSummary, logTable } from "../logs/text";
import { readConfig } from "../read-stack";
import { defaultStacksFolder } from "../project";
import { ruleUses, together } from "../../model/traffic";
import { callsFor, requireSeconds } from "../traffic/read";
import { rulesJson, RulesShown, rulesText, shownUses } from "../traffic/rules";

interface Options {
  stacks: string;
  denied?: boolean;
  follow?: boolean;
  sidecars: boolean;
  since?: string;
  tail?: string;
  json?: boolean;
  format?: string;
  rules?: boolean;
  unused?: boolean | string;
  from?: string;
}

/** How far back it reads when nothing says how far. */
const defaultSince = "1h";

const help = `
✔: as the configuration says; ✘: not so, in words below; ?: ended before anything passed, the gateway may not have
decided. The configuration is the stack's file as it is now: a call may be older, or the file not applied yet.

A plain HTTP request is logged when it is answered. With https the gateway sees connections alone: it logs one at its
end, so one that is kept open is not there yet, and TIME is when it began. Lines come up to a second late.

What a workload's own sidecar refuses never comes to a gateway: the sidecar writes it down, and nothing that it lets
pass. Of a workload that is observed what no rule grants is here as "would deny". Calls to services beside the mesh are
not here. Names that the stack's own resolver refuses, where it has one, are here as dns://name, by whoever has the
sender's address now. A pod's log goes with the pod, and what came before a restart of its container, or before the node began a new
file for it, is not read.

--rules counts the calls of each rule that holds today, a week back unless --since says otherwise:
30d. It knows as much as the logs hold, or the recording of --from, lines as egress learn takes them. --unused 90d is of
rules without a call for so long, reads that far back, and says so where less is recorded.

--follow looks for new pods every 5 seconds, and runs one kubectl for each pod.
Exit 0: fine, also with denied calls; 1: the cluster cannot be asked, or has no gateway pods; 2: wrong use.`;

export function register(program: Command): void {
  program
    .command("logs")
    .description("what gateways and sidecars decided: who called what, allowed by which rule, or denied and why")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--denied", "calls that were denied alone, and those that would be")
    .option("--follow", "go on with each call as it is logged, until Ctrl-C")
    .option("--no-sidecars", "what gateways decided, and not what sidecars or the resolver refused: fewer pods to read")
    .option(
      "--since <duration>",
      `how far back, as 10m, 1h30m or 7d (default: ${defaultSince}, with --tail the whole log)`,
    )
    .option("--tail <lines>", "lines at the end of each pod's log, Envoy's own counted too (default: all)")
    .option("--rules", "how often each rule was used, and when last")
    .option(
      "--unused [duration]",
      "with --rules, only those that were not used: for 90d, or, without a duration, in all that is recorded",
    )
    .option("--from <file>", "with --rules, a recording in place of the cluster's logs; - for standard input")
    .option("--json", "as a JSON object a line: {time, at, from, protocol, host, allowed, ok, because, rule, owner, …}")
    .option("--format <form>", "ocsf: an event of OCSF's Network Activity a line, for a SIEM; or table, json")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(logs);
}

async function logs(stack: string, options: Options, command: Command): Promise<void> {
  requireFitting(options, command);
  const form = formOf(options, command);
  if (options.rules) {
    return rules(stack, options, command);
  }
  const limits = limitsOf(options, command);
  const written = readConfig(stack, options.stacks, command);
  requireLogs(written, stack, command);
  const config = await withTakenAccess(written, stack);
  await (options.follow ? follow(config, limits, options, form) : show(config, limits, options, form));
}

/** Options that mean nothing beside each other are wrong use. */
function requireFitting({ rules: byRule, ...others }: Options, command: Command): void {
  const needed = (["unused", "from"] as const).filter((name) => !byRule && others[name] !== undefined);
  const strange = (["denied", "follow", "tail", "format"] as const).filter(
    (name) => byRule && others[name] !== undefined,
  );
  if (needed.length > 0 || strange.length > 0) {
    const [name, word] = needed.length > 0 ? [needed[0]!, "only with"] : [strange[0]!, "not beside"];
    command.error(`--${name} is taken ${word} --rules.`, { exitCode: exitCodes.wrongUse });
  }
}

async function rules(stack: string, options: Options, command: Command): Promise<void> {
  const { from, json } = options;
  const unused = unusedOf(options, command);
  // What is recorded longer ago tells when a rule was used last.
  const since = requireSeconds("--since", options.since, command) ?? (from === undefined ? unused?.seconds : undefined);
  if (unused?.seconds !== undefined && since !== undefined && since < unused.seconds) {
    command.error(
      `--since ${options.since} reads less than --unused ${String(options.unused)} asks for: leave out --since, or make it as long.`,
      { exitCode: exitCodes.wrongUse },
    );
  }
  const now = Date.now();
  const config = readConfig(stack, options.stacks, command);
  const counted = await callsFor(config, stack, { from, since }, command);
  const uses = shownUses(ruleUses(config, counted), { unused, now });
  const shown: RulesShown = { uses, oldest: together(counted).first, now, ...(unused === undefined ? {} : { unused }) };
  write(json ? rulesJson(shown) : rulesText(shown));
}

function unusedOf({ unused }: Options, command: Command): RulesShown["unused"] {
  return typeof unused === "string"
    ? { seconds: requireSeconds("--unused", unused, command) }
    : unused === true
      ? {}
      : undefined;
}

/** What is written of each decision. */
type Form = "table" | "json" | "ocsf";

function formOf({ format, json }: Options, command: Command): Form {
  if (format === undefined) {
    return json ? "json" : "table";
  }
  const form = (["table", "json", "ocsf"] as const).find((known) => known === format);
  const wrong =
    form === undefined
      ? `--format takes table, json or ocsf, and not "${format}".`
      : json && form !== "json"
        ? `--json and --format ${form} are different outputs: choose one.`
        : undefined;
  return wrong === undefined ? form! : command.error(wrong, { exitCode: exitCodes.wrongUse });
}

function limitsOf({ since, tail }: Options, command: Command): LogLimits {
  const seconds = requireSeconds("--since", since, command);
  if (tail !== undefined && !/^\d{1,9}$/.test(tail)) {
    command.error(`--tail takes a number of lines, as 100, and not "${tail}".`, { exitCode: exitCodes.wrongUse });
  }
  // kubectl knows no days.
  const back = since?.includes("d") ? `${seconds}s` : since;
  return tail === undefined ? { since: back ?? defaultSince } : { since: back, tail: Number(tail) };
}

async function show(config: StackConfig, limits: LogLimits, options: Options, form: Form): Promise<void> {
  const decisions = wanted(
    await readDecisions(config, { ...limits, sidecars: options.sidecars, names: options.sidecars }),
    options,
  );
  const print = printer(form);
  print(decisions);
  if (form === "table") {
    write(`\n${logSummary(decisions)}`);
  }
}

/** Ends with Ctrl-C, with a signal to end, or when nobody reads what it writes any more. */
async function follow(config: StackConfig, limits: LogLimits, options: Options, form: Form): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const signals = ["SIGINT", "SIGTERM"] as const;
  signals.forEach((signal) => process.once(signal, end));
  process.stdout.on("error", end);
  const print = printer(form);
  try {
    await followDecisions(config, {
      ...limits,
      sidecars: options.sidecars,
      names: options.sidecars,
      onDecisions: (decisions) => print(wanted(decisions, options)),
      onTrouble: (text) => process.stderr.write(`${text}\n`),
      signal: ending.signal,
    });
  } finally {
    signals.forEach((signal) => process.off(signal, end));
    process.stdout.off("error", end);
  }
}

function wanted(decisions: Decision[], { denied }: Options): Decision[] {
  return denied ? decisions.filter(({ allowed, wouldBeDenied }) => !allowed || wouldBeDenied) : decisions;
}

/** Prints decisions as they come; a table begins with its header. */
function printer(form: Form): (decisions: Decision[]) => void {
  if (form !== "table") {
    const line = form === "json" ? logJson : (decision: Decision) => JSON.stringify(ocsfEvent(decision));
    return (decisions) => decisions.forEach((decision) => write(line(decision)));
  }
  const table = logTable();
  let begun = false;
  return (decisions) => {
    const lines = table.lines(decisions);
    for (const line of begun ? lines : [table.header(), ...lines]) {
      write(line);
    }
    begun = true;
  };
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
