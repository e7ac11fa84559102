import { once } from "node:events";
import { Command } from "commander";
import { StackConfig, Verdict, verdicts } from "../../model";
import { openIn } from "../../model/config/adoption";
import { namespaceOf } from "../../model/ground/names";
import { exitCodes } from "../exit-codes";
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

A matrix of more than 500 rows is summed up by workload; --json holds all of it. --live makes ${mostCalls} calls at most:
of a larger matrix, --from, --to and --denied choose a part.
Exit 0: fine; 1: the mesh disagrees, or cannot be asked; 2: no such stack, workload or host, or too many calls.`;

export function register(program: Command): void {
  program
    .command("matrix")
    .description("which workload may reach which host, and whether it does; exit 1 where the mesh disagrees")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--from <workload>", "calls of this workload or namespace only", several)
    .option("--to <host>", "calls to this host or destination only", several)
    .option("--denied", "calls that are to be denied only")
    .option("--live", "make every call for real, from inside the pods")
    .option("--json", "as a JSON array of {from, url, expected, seen, ok, rule}")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(matrix);
}

function several(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

async function matrix(stack: string, options: Options, command: Command): Promise<void> {
  const config = readConfig(stack, options.stacks, command);
  const asked = askedFor(config, options, command);
  const cells = options.live ? await askTheMesh(config, asked, command) : modelMatrix(asked);
  await print(cells, options, openWays(config, cells));
  if (cells.some((cell) => cell.ok === false)) {
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

async function askTheMesh(config: StackConfig, calls: Verdict[], command: Command): Promise<Cell[]> {
  if (calls.length > mostCalls) {
    command.error(
      `${calls.length} calls would be made, and ${mostCalls} are the most at a time.\n` +
        "Fix: choose some of them by --from, --to and --denied.",
      { exitCode: exitCodes.wrongUse },
    );
  }
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

async function print(cells: Cell[], { json }: Options, notes: string[]): Promise<void> {
  for (const piece of json ? jsonPieces(cells) : [`${matrixText(cells)}\n`, ...notes]) {
    if (!process.stdout.write(piece)) {
      await once(process.stdout, "drain");
    }
  }
}
