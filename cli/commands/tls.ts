import { Command } from "commander";
import { StackConfig } from "../../model";
import { didYouMean, listNames } from "../../model/ground/suggest";
import { knownNames, rowsOf, TlsRow, tlsRows } from "../../model/tls";
import { exitCodes } from "../exit-codes";
import { readConfig } from "../read-stack";
import { defaultStacksFolder } from "../project";
import { lookUp } from "../tls/live";
import { Row, seenRow, toJson } from "../tls/row";
import { tlsNotes, tlsTable } from "../tls/table";

interface Options {
  stacks: string;
  live?: boolean;
  json?: boolean;
}

const help = `
SERVER is what the mesh's policy asks of callers, CLIENT what their sidecars put around a call: HTTP is nothing, also
around an application's own TLS. docs/tls.md says how to read the table.
Exit 0: fine, a CONFLICT too; 1: plan and mesh differ; 2: no such stack, or a host that nobody may call.`;

export function register(program: Command): void {
  program
    .command("tls")
    .description("whether callers speak the TLS that is asked of them, as istioctl authn tls-check had it")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .argument("[host]", "only this one, as github.com or, for a Service, svc-foo or svc-foo.istio-workload")
    .option("--live", "from the running mesh's own configuration; exit 1 where it is not as planned")
    .option("--json", "as a JSON array of {host, port, status, server, client, …, callers, seen, ok, differences}")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(tls);
}

async function tls(stack: string, host: string | undefined, options: Options, command: Command): Promise<void> {
  const config = readConfig(stack, options.stacks, command);
  const all = tlsRows(config);
  const planned = host === undefined ? all : requireHost(all, host, command);
  print(await rowsFor(config, planned, options), options);
}

function requireHost(rows: TlsRow[], host: string, command: Command): TlsRow[] {
  const found = rowsOf(rows, host);
  if (found.length > 0) {
    return found;
  }
  const hint = didYouMean(host, knownNames(rows));
  return command.error(
    [
      `No workload of the stack may call "${host}" by name.`,
      `Hosts: ${listNames(rows.map((row) => row.host)) ?? "none may be called"}.`,
      ...(hint === undefined ? [] : [`Fix: ${hint}`]),
    ].join("\n"),
    { exitCode: exitCodes.wrongUse },
  );
}

async function rowsFor(config: StackConfig, planned: TlsRow[], { live }: Options): Promise<Row[]> {
  if (!live) {
    return planned.map((row) => ({ planned: row, seen: null, differences: [] }));
  }
  const seen = await lookUp(config, planned);
  return planned.map((row, index) => seenRow(row, seen[index]!));
}

function print(rows: Row[], { json }: Options): void {
  const text = json ? JSON.stringify(rows.map(toJson), undefined, 2) : [tlsTable(rows), ...tlsNotes(rows)].join("\n\n");
  process.stdout.write(`${text}\n`);
  if (rows.some(({ differences }) => differences.length > 0)) {
    process.exitCode = exitCodes.finding;
  }
}
