import { Command } from "commander";
import { parseConfig } from "../../model";
import { exitCodes } from "../exit-codes";
import { ClusterError } from "../kubectl";
import { Cell, liveMatrix, modelMatrix, toJson } from "../matrix";
import { matrixSummary, matrixTable } from "../matrix-table";
import { readStack } from "../read-stack";
import { stacksFolder } from "../stack-file";

interface Options {
  stacks: string;
  live?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command("matrix")
    .description("which workload may reach which host, and whether it does; exit 1 where the mesh disagrees")
    .argument("<stack>", "a stack's name: lab for stacks/Pulumi.lab.yaml")
    .option("--stacks <folder>", "where the stacks' files are", stacksFolder)
    .option("--live", "make every call for real, from inside the pods")
    .option("--json", "as a JSON array of {from, url, expected, seen, ok, rule}")
    .action(matrix);
}

async function matrix(stack: string, options: Options, command: Command): Promise<void> {
  const file = readStack(stack, options.stacks, command);
  if (file === undefined) {
    return;
  }
  const config = parseConfig(file.raw, { now: new Date(), encrypted: file.encrypted });
  try {
    print(options.live ? await liveMatrix(config) : modelMatrix(config), options);
  } catch (error) {
    if (!(error instanceof ClusterError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n`);
    process.exitCode = exitCodes.finding;
  }
}

function print(cells: Cell[], { json }: Options): void {
  const text = json ? JSON.stringify(toJson(cells), undefined, 2) : `${matrixTable(cells)}\n\n${matrixSummary(cells)}`;
  process.stdout.write(`${text}\n`);
  if (cells.some((cell) => cell.ok === false)) {
    process.exitCode = exitCodes.finding;
  }
}
