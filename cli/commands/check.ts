import { Command } from "commander";
import { ConfigError, ConfigProblem, parseConfig, StackConfig } from "../../model";
import { exitCodes } from "../exit-codes";
import { readStack } from "../read-stack";
import { stacksFolder } from "../stack-file";

interface Options {
  stacks: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command("check")
    .description("every problem of a stack's configuration, each with its place; exit 1 if there is one")
    .argument("<stack>", "a stack's name: lab for stacks/Pulumi.lab.yaml")
    .option("--stacks <folder>", "where the stacks' files are", stacksFolder)
    .option("--json", "the problems as a JSON array of {path, value, problem, allowed, fix}")
    .action(check);
}

function check(stack: string, options: Options, command: Command): void {
  const file = readStack(stack, options.stacks, command);
  if (file === undefined) {
    return;
  }
  try {
    const config = parseConfig(file.raw, { now: new Date(), encrypted: file.encrypted });
    print(options.json ? [] : undefined, `Stack ${stack} is sound: ${describe(config)}.`);
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    print(options.json ? error.problems : undefined, error.message);
    process.exitCode = exitCodes.finding;
  }
}

function print(json: readonly ConfigProblem[] | undefined, text: string): void {
  process.stdout.write(json === undefined ? `${text}\n` : `${JSON.stringify(json, undefined, 2)}\n`);
}

function describe({ workloads, destinations, allow }: StackConfig): string {
  const hosts = destinations.reduce((sum, destination) => sum + destination.hosts.length, 0);
  return [
    counted(workloads.length, "workload"),
    counted(destinations.length, "destination"),
    counted(hosts, "host"),
    counted(allow.length, "rule"),
  ].join(", ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
