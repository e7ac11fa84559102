import { Command } from "commander";
import { exitCodes } from "../exit-codes";
import { Cell, liveMatrix, modelMatrix, toJson } from "../matrix";
import { matrixSummary, matrixTable } from "../matrix-table";
import { readConfig } from "../read-stack";
import { defaultStacksFolder } from "../project";

interface Options {
  stacks: string;
  live?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command("matrix")
    .description("which workload may reach which host, and whether it does; exit 1 where the mesh disagrees")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .option("--live", "make every call for real, from inside the pods")
    .option("--json", "as a JSON array of {from, url, expected, seen, ok, rule}")
    .action(matrix);
}

async function matrix(stack: string, options: Options, command: Command): Promise<void> {
  const config = readConfig(stack, options.stacks, command);
  print(options.live ? await liveMatrix(config) : modelMatrix(config), options);
}

function print(cells: Cell[], { json }: Options): void {
  const text = json ? JSON.stringify(toJson(cells), undefined, 2) : `${matrixTable(cells)}\n\n${matrixSummary(cells)}`;
  process.stdout.write(`${text}\n`);
  if (cells.some((cell) => cell.ok === false)) {
    process.exitCode = exitCodes.finding;
  }
}
