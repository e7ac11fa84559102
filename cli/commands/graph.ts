import { Command } from "commander";
import { graphOf, graphSummary } from "../../model/graph";
import { withTakenAccess } from "../break-glass/cluster";
import { exitCodes } from "../exit-codes";
import { formatOf, knownEndings } from "../graph/formats";
import { callsAtGateways, requireLogs } from "../logs/read";
import { writeWhole } from "../out";
import { readConfig } from "../read-stack";
import { defaultStacksFolder } from "../project";

interface Options {
  stacks: string;
  out: string;
  live?: boolean;
}

const help = `
The file's ending says what it becomes:
  .html  a page to look around in: pan, zoom, search, and everything about a rule at a click; it loads nothing
  .svg   a picture
  .mmd   a Mermaid flowchart, as text

--live counts what the gateways' logs hold, and shows refused calls too. A workload's own sidecar refuses most hosts
before a gateway sees them: \`egress matrix --live\` asks for those. Exit 1: the cluster cannot be asked.`;

export function register(program: Command): void {
  program
    .command("graph")
    .description("who may reach what through which gateway, as a picture")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .requiredOption("--out <file>", "the file to write: .html, .svg or .mmd")
    .option(
      "--live",
      "with the calls that the gateways saw, as far back as their logs reach, and what egress grant gave",
    )
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(graph);
}

async function graph(stack: string, options: Options, command: Command): Promise<void> {
  const { out } = options;
  const format = formatOf(out);
  if (format === undefined) {
    command.error(`"${out}" ends in nothing that a graph can be written as.\nAllowed: ${knownEndings()}.`, {
      exitCode: exitCodes.wrongUse,
    });
  }
  const written = readConfig(stack, options.stacks, command);
  if (options.live) {
    requireLogs(written, stack, command);
  }
  const config = options.live ? await withTakenAccess(written, stack) : written;
  const shown = graphOf(config, options.live ? await callsAtGateways(config) : undefined);
  writeWhole(out, await format(`Stack ${stack}: who may reach what, through which gateway`, shown));
  process.stdout.write(`${out} shows stack ${stack}: ${graphSummary(shown)}.\n`);
}
