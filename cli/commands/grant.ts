import { Command } from "commander";
import { stringify } from "yaml";
import { StackConfig } from "../../model";
import {
  beyondReach,
  BreakGlass,
  breakGlassName,
  breakGlassObject,
  checkRequest,
  isOver,
  ObjectChange,
  objectChanges,
  withBreakGlass,
} from "../../model/break-glass";
import { diffStacks } from "../../model/diff";
import { isYes } from "../break-glass/agreed";
import { dueChanges, makeChanges, takenAccess, whoAmI } from "../break-glass/cluster";
import { columns } from "../columns";
import { exitCodes } from "../exit-codes";
import { ClusterError } from "../kubectl";
import { defaultStacksFolder } from "../project";
import { printable } from "../logs/text";
import { readConfig } from "../read-stack";

interface Options {
  stacks: string;
  for?: string;
  reason?: string;
  owner?: string;
  end?: boolean;
  clean?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

const help = `
The gateway itself ends the access, whoever is there by then. It is recorded in a ConfigMap beside the gateways, is in
egress logs, doctor and graph --live, and is removed by the next egress grant, or by --clean. What a stack's file denies
stays denied, and nothing lasts longer than istio-egress:breakGlass.longest says. A host that a destination has comes with
the destination's other hosts; each one is named before anything is applied. An update of the stack that changes the same
objects ends the access earlier.

Without a workload and a host, it lists what is taken.
Exit 0: fine; 1: refused, or the cluster cannot be asked; 2: wrong use.`;

export function register(program: Command): void {
  program
    .command("grant")
    .description("access to a host for some hours, beside the stack's file, which ends by itself")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .argument("[from]", "namespace/workload")
    .argument("[host]", "the host's name")
    .option("--for <time>", "how long, as 2h or 30m")
    .option("--reason <text>", "why")
    .option("--owner <name>", "who answers for it")
    .option("--end", "end it now, and remove what is there for it")
    .option("--clean", "remove what is there for access that is over")
    .option("--dry-run", "print the objects, and apply nothing")
    .option("--yes", "apply without a question")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(grant);
}

async function grant(
  stack: string,
  from: string | undefined,
  host: string | undefined,
  options: Options,
  command: Command,
): Promise<void> {
  requireFitting(from, host, options, command);
  const config = readConfig(stack, options.stacks, command);
  const now = new Date();
  const there = await takenAccess(config, stack);
  const lasting = there.filter((record) => !isOver(record, now));
  if (from === undefined || host === undefined) {
    return options.clean ? change({ config, stack, there, next: lasting, options }) : list(there, now);
  }
  const name = breakGlassName(from, host.toLowerCase());
  if (options.end) {
    if (!there.some((record) => record.name === name)) {
      throw new ClusterError(`Nothing is taken for ${from} to reach ${host}.`);
    }
    return change({ config, stack, there, next: lasting.filter((record) => record.name !== name), options });
  }
  const asked = { from, host, span: options.for!, reason: options.reason!, owner: options.owner };
  const check = checkRequest(withBreakGlass(config, lasting), { ...asked, by: await whoAmI(config) }, now);
  if ("problem" in check) {
    throw new ClusterError(`Not granted: ${check.problem}.`);
  }
  const next = [...lasting.filter((record) => record.name !== name), check.record];
  await change({ config, stack, there, next, options });
}

/** Options that mean nothing beside each other are wrong use. */
function requireFitting(from: string | undefined, host: string | undefined, options: Options, command: Command): void {
  const takes = from !== undefined && !options.end;
  const wrong =
    from !== undefined && host === undefined
      ? "A host is missing."
      : from === undefined && options.end
        ? "--end takes a workload and a host."
        : from !== undefined && options.clean
          ? "--clean is taken without a workload."
          : takes && (options.for === undefined || options.reason === undefined)
            ? "Access is taken --for a time and with a --reason."
            : !takes && (options.for !== undefined || options.reason !== undefined || options.owner !== undefined)
              ? "--for, --reason and --owner are taken with a workload and a host, and without --end."
              : undefined;
  if (wrong !== undefined) {
    command.error(wrong, { exitCode: exitCodes.wrongUse });
  }
  const changes = takes || options.end || options.clean;
  if (changes && !options.yes && !options.dryRun && !process.stdin.isTTY) {
    command.error("Nobody can answer here: --yes applies without a question, --dry-run applies nothing.", {
      exitCode: exitCodes.wrongUse,
    });
  }
}

interface Change {
  config: StackConfig;
  stack: string;
  /** What is on the cluster, and what is to be. */
  there: BreakGlass[];
  next: BreakGlass[];
  options: Options;
}

async function change({ config, stack, there, next, options }: Change): Promise<void> {
  const taken = next.filter((record) => !there.includes(record));
  const given = there.filter((record) => !next.some(({ name }) => name === record.name));
  // Rules that have ended by themselves are on the cluster until the stack is updated.
  for (const whole of [config, withEndedRules(config)]) {
    const [before, after] = [withBreakGlass(whole, there), withBreakGlass(whole, next)];
    const changes = objectChanges(before, after);
    const beyond = beyondReach(changes);
    if (beyond.length > 0) {
      throw new ClusterError(
        `Not granted: ${beyond.join(" and ")} would change, and that takes a rule in the stack's file.`,
      );
    }
    const due = await dueChanges(config.cluster, changes);
    if (due === undefined) {
      continue;
    }
    const records = taken.map((record) => ({ ...record, objects: newObjects(changes) }));
    if (options.dryRun) {
      return print(due, records, { stack, namespace: config.gateway.namespace });
    }
    const lines = [...told(before, after), ...given.map(({ from, host }) => `${from} → ${host}: ended.`)];
    if (lines.length === 0 && due.length === 0) {
      return write("Nothing is over.");
    }
    if (!(await isAgreed(lines, options))) {
      return write("Nothing is applied.");
    }
    await makeChanges(config, due, { stack, taken: records, given });
    taken.forEach(({ from, host, until }) =>
      write(`${from} reaches ${host} until ${until}. The gateway ends it by itself.`),
    );
    return write(`${due.length === 1 ? "1 object" : `${due.length} objects`} applied or removed.`);
  }
  throw new ClusterError(
    `Not granted: what is on the cluster is not what the stack's file says. Apply the stack first, or take the file that is applied.`,
  );
}

function withEndedRules(config: StackConfig): StackConfig {
  const edges = new Set(config.allow.map(({ from, to }) => `${from} ${to}`));
  const ended = config.expired.filter(({ from, to }) => !edges.has(`${from} ${to}`));
  return { ...config, allow: [...config.allow, ...ended], expired: [] };
}

function newObjects(changes: readonly ObjectChange[]): string[] {
  return changes.filter(({ before }) => before === undefined).map(({ key }) => key);
}

/** Who gains what, a line for each, whichever hosts come with the one that was asked for. */
function told(before: StackConfig, after: StackConfig): string[] {
  return diffStacks(before, after).grants.flatMap(({ from, host, after: gained }) =>
    gained === undefined ? [] : [`${from} → ${host}: ${gained.protocols.join(" and ")}, until ${gained.expires}.`],
  );
}

async function isAgreed(lines: string[], { yes }: Options): Promise<boolean> {
  lines.forEach(write);
  if (yes) {
    return true;
  }
  return isYes("Apply this? [y/N] ", { input: process.stdin, output: process.stderr });
}

function print(
  due: readonly ObjectChange[],
  records: BreakGlass[],
  { stack, namespace }: { stack: string; namespace: string },
): void {
  const objects = [
    ...records.map((record) => breakGlassObject(record, stack, namespace)),
    ...due.flatMap(({ after }) => after ?? []),
  ];
  const removed = due.flatMap(({ key, after }) => (after === undefined ? [`# removed: ${key}`] : []));
  write([...removed, ...objects.map((object) => stringify(object, { lineWidth: 0 }).trimEnd())].join("\n---\n"));
}

function list(there: readonly BreakGlass[], now: Date): void {
  if (there.length === 0) {
    return write("Nothing is taken beside the stack's file.");
  }
  const rows = there.map((record) => [
    record.from,
    record.host,
    isOver(record, now) ? `over since ${record.until}` : record.until,
    record.owner ?? record.by ?? "",
    record.reason,
  ]);
  columns()([["FROM", "HOST", "UNTIL", "OWNER", "REASON"], ...rows.map((row) => row.map(printable))]).forEach(write);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
