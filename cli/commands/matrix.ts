import { once } from "node:events";
import { Command } from "commander";
import { StackConfig, Verdict, verdicts } from "../../model";
import { ingressVerdicts } from "../../model/callers";
import { openIn } from "../../model/config/adoption";
import { namespaceOf } from "../../model/ground/names";
import { withTakenAccess } from "../break-glass/cluster";
import { exitCodes } from "../exit-codes";
import { IngressCell, ingressPartOf, modelIngress } from "../ingress/cells";
import { isAsked, liveIngress } from "../ingress/live";
import { ingressText } from "../ingress/table";
import { callers, Cell, jsonPieces, liveMatrix, modelMatrix, mostCalls } from "../matrix";
import { MatrixPart, NoSuchPartError, partOf } from "../matrix-part";
import { matrixText } from "../matrix-table";
import { readConfig } from "../read-stack";
import { defaultStacksFolder } from "../project";

interface Options extends MatrixPart {
  stacks: string;
  live?: boolean;
  json?: boolean;
}

/** Calls after which somebody who waits is told how many there are. */
const manyCalls = 500;

const help = `
--from takes a workload, as test-app/app-a, or all of a namespace, as test-app/*. --to takes a host, or the name of a
destination or of a service beside the mesh for all of its hosts. Each may be given several times.

Who may open connections to guarded pods is a table of its own: there --from takes the callers' namespace, as
monitoring/*, or their addresses, and --to the pods of a guarded namespace, as test-app/*. --live asks pods that fit, by a
connection on which nothing is sent; a row that no pod can be asked for says so.

A matrix of more than 500 rows is summed up by workload; --json holds all of it. --live makes ${mostCalls} calls at most:
of a larger matrix, --from, --to and --denied choose a part.
Exit 0: fine; 1: the mesh disagrees, or cannot be asked; 2: no such stack, workload or host, or too many calls.`;

export function register(program: Command): void {
  program
    .command("matrix")
    .description(
      "which workload may reach which host, who may call guarded pods, and whether they do; exit 1 where the mesh disagrees",
    )
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--from <workload>", "calls of this workload or namespace only", several)
    .option("--to <host>", "calls to this host or destination only", several)
    .option("--denied", "calls that are to be denied only")
    .option("--live", "make every call for real, from inside the pods")
    .option(
      "--json",
      "as a JSON array of {from, url, expected, seen, ok, rule}; of calls into guarded pods with {into, ports} too",
    )
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(matrix);
}

function several(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

async function matrix(stack: string, options: Options, command: Command): Promise<void> {
  const written = readConfig(stack, options.stacks, command);
  // What is granted beside the file is open in the mesh.
  const config = options.live ? await withTakenAccess(written, stack) : written;
  const asked = askedFor(config, options, command);
  const into = ingressPartOf(ingressVerdicts(config), options);
  if (options.live) {
    requireFew(asked.length + into.filter(isAsked).length, command);
  }
  const cells = options.live ? await askTheMesh(config, asked) : modelMatrix(asked);
  const callersInto = options.live ? await liveIngress(config, into) : modelIngress(into);
  await print(cells, callersInto, options, openWays(config, cells));
  if ([...cells, ...callersInto].some((cell) => cell.ok === false)) {
    process.exitCode = exitCodes.finding;
  }
}

function askedFor(config: StackConfig, part: MatrixPart, command: Command): Verdict[] {
  try {
    return partOf(config, verdicts(config), part);
  } catch (error) {
    if (error instanceof NoSuchPartError) {
      command.error(error.message, { exitCode: exitCodes.wrongUse });
    }
    throw error;
  }
}

function requireFew(count: number, command: Command): void {
  if (count > mostCalls) {
    command.error(
      `${count} calls would be made, and ${mostCalls} are the most at a time.\n` +
        "Fix: choose some of them by --from, --to and --denied.",
      { exitCode: exitCodes.wrongUse },
    );
  }
}

async function askTheMesh(config: StackConfig, calls: Verdict[]): Promise<Cell[]> {
  if (calls.length > manyCalls) {
    process.stderr.write(`Making ${calls.length} calls, from inside ${callers(calls).size} workloads.\n`);
  }
  return liveMatrix(config, calls);
}

/** What the matrix cannot say of the callers that it shows: where pods without a sidecar are refused nothing. */
function openWays({ namespaces }: StackConfig, cells: Cell[]): string[] {
  const shown = new Set(cells.map(({ verdict }) => namespaceOf(verdict.from)));
  return namespaces
    .filter(({ name }) => shown.has(name))
    .flatMap((namespace) => openIn(namespace) ?? [])
    .map((open) => `Beware: ${open}.\n`);
}

async function print(
  cells: Cell[],
  callersInto: IngressCell[],
  { json, live = false }: Options,
  notes: string[],
): Promise<void> {
  // A part that is of one table only is shown as that one. What workloads may reach stands last, where it is read first.
  const tables = [
    ...(callersInto.length > 0 ? [`${ingressText(callersInto, { live })}\n`] : []),
    ...(cells.length > 0 && callersInto.length > 0 ? ["\n"] : []),
    ...(cells.length > 0 || callersInto.length === 0 ? [`${matrixText(cells)}\n`, ...notes] : []),
  ];
  for (const piece of json ? jsonPieces(cells, callersInto) : tables) {
    if (!process.stdout.write(piece)) {
      await once(process.stdout, "drain");
    }
  }
}
