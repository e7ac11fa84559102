import { Command } from "commander";
import { BreakGlass, isOver, withBreakGlass } from "../../model/break-glass";
import { Report, subjectOf } from "../../model/doctor";
import { examine, pluginInUse } from "../doctor/read";
import { readState } from "../doctor/state";
import { reportText } from "../doctor/text";
import { takenAccessIfKnown } from "../break-glass/cluster";
import { exitCodes } from "../exit-codes";
import { defaultStacksFolder } from "../project";
import { readConfig } from "../read-stack";

interface Options {
  stacks: string;
  json?: boolean;
  state?: string;
}

const help = `
Reads the cluster with kubectl, and changes nothing on it. What may not be read is a finding too, with the right that
is missing. The stack's file is taken as it is now: what is not applied yet is found as a difference. What the program
grants itself is in no file, and taken for somebody else's without --state. docs/doctor.md says what is checked.
Exit 0: nothing found; 1: something is; 2: wrong use.`;

export function register(program: Command): void {
  program
    .command("doctor")
    .description("what on the live cluster keeps the guard from holding or a workload from working, each with its fix")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--json", "as a JSON object of {stack, findings, passed, notChecked, information}")
    .option(
      "--state <file>",
      "what `pulumi stack export` printed, for what the program itself grants; - for standard input",
    )
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(doctor);
}

async function doctor(stack: string, options: Options, command: Command): Promise<void> {
  const written = readConfig(stack, options.stacks, command);
  const taken = await takenAccessIfKnown(written, stack);
  // What is over is there as well, until somebody removes it.
  const config = withBreakGlass(written, taken);
  const applied = options.state === undefined ? undefined : readState(options.state, stack);
  const subject = subjectOf(stack, config, applied);
  const report = await examine(subject);
  const information = [
    pluginInUse(config.cluster),
    ...taken.map((record) => takenText(record, stack)),
    ...(applied === undefined && report.findings.some(isPulumis) ? [ownGrants(stack)] : []),
  ];
  const told: Report = { ...report, information };
  const text = options.json ? JSON.stringify({ stack, ...told }, undefined, 2) : reportText(stack, told);
  process.stdout.write(`${text}\n`);
  if (told.findings.length > 0) {
    process.exitCode = exitCodes.finding;
  }
}

/** What egress grant gave, and what is left of it. */
function takenText(record: BreakGlass, stack: string): string {
  const { from, host, until, reason, owner, by } = record;
  const who = owner ?? by;
  const said = `${reason}${who === undefined ? "" : ` (${who})`}`;
  return isOver(record, new Date())
    ? `Taken by egress grant and over since ${until}: ${from} → ${host}: ${said}. egress grant ${stack} --clean removes what is left.`
    : `Taken by egress grant until ${until}: ${from} → ${host}: ${said}.`;
}

/** Whether a finding is about an object that some Pulumi program wrote. */
function isPulumis({ evidence }: Report["findings"][number]): boolean {
  return evidence.some((seen) => seen.startsWith("written by pulumi"));
}

function ownGrants(stack: string): string {
  return (
    "What the program grants itself is in no file, and is found as somebody else's. With its state it is known: " +
    `pulumi stack export --stack ${stack} | npx egress doctor ${stack} --state -`
  );
}
