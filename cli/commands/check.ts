import { Command } from "commander";
import { ConfigError, ConfigProblem, StackConfig } from "../../model";
import { adoptions } from "../../model/config/adoption";
import { dueWarnings } from "../../model/config/expired";
import { resolvingSteps } from "../../model/config/dns";
import { ingressWarnings } from "../../model/config/ingress";
import { logSteps } from "../../model/config/logs";
import { metricsSteps } from "../../model/config/metrics";
import { authorityWarnings, pastOriginationWarnings } from "../../model/config/past-origination";
import { observedSteps } from "../../model/config/observed";
import { presetSteps } from "../../model/config/preset";
import { rbacWarnings } from "../../model/config/rbac";
import { reportingSteps } from "../../model/config/reporting";
import { warningText } from "../../model/config/problem";
import { googleApiWarnings } from "../../model/config/google-apis";
import { unreachableHosts } from "../../model/config/unreachable-hosts";
import { answeredWarnings, lateEnds, neededAnnotations } from "../../model/grants";
import { wildcardWarnings } from "../../model/config/sections/wildcards";
import { gatewaysOf } from "../../model/config/gateway-of";
import { exitCodes } from "../exit-codes";
import { readStack, seenConfig, unseenProblem } from "../read-stack";
import { defaultStacksFolder } from "../project";
import { applyErrors, handOverErrors } from "../stack-errors";

interface Options {
  stacks: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command("check")
    .description("every problem of a stack's configuration, each with its place; exit 1 if there is one")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .option(
      "--json",
      "the problems as a JSON array of {path, value, problem, allowed, fix, severity: error or warning}",
    )
    .action(check);
}

function check(stack: string, options: Options, command: Command): void {
  const file = readStack(stack, options.stacks, command);
  const now = new Date();
  const unseen = file.unseen.map(unseenProblem);
  const place = { stack, folder: options.stacks };
  try {
    const config = seenConfig(file, now);
    const errors = applyErrors(config, place, now);
    const sound = `Stack ${stack} is sound${unseen.length === 0 ? "" : " as far as its file goes"}: ${describe(config)}.`;
    const warnings = [
      ...unseen,
      ...unreachableHosts(config),
      ...googleApiWarnings(config),
      ...neededAnnotations(config),
      ...answeredWarnings(config),
      ...dueWarnings(config, now),
      ...lateEnds(config),
      ...wildcardWarnings(config),
      ...pastOriginationWarnings(config),
      ...authorityWarnings(config, now),
      ...ingressWarnings(config),
      ...rbacWarnings(config),
    ];
    if (errors.length > 0) {
      const { message } = new ConfigError(errors);
      print(options.json, { error: errors, warning: warnings }, [message, "", ...warnings.map(warningText)].join("\n"));
      process.exitCode = exitCodes.finding;
      return;
    }
    print(
      options.json,
      { warning: warnings },
      [
        sound,
        ...warnings.map(warningText),
        ...[
          observedSteps(config),
          reportingSteps(config),
          resolvingSteps(config),
          presetSteps(config),
          metricsSteps(config),
          logSteps(config),
        ].flatMap(paragraph),
        ...steps(config),
      ].join("\n"),
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    const all = new ConfigError([...handOverErrors(place), ...error.problems]);
    print(options.json, { error: all.problems }, all.message);
    process.exitCode = exitCodes.finding;
  }
}

function print(
  json: boolean | undefined,
  { error = [], warning = [] }: Partial<Record<"error" | "warning", readonly ConfigProblem[]>>,
  text: string,
): void {
  const marked = [
    ...error.map((problem) => ({ ...problem, severity: "error" })),
    ...warning.map((problem) => ({ ...problem, severity: "warning" })),
  ];
  process.stdout.write(json ? `${JSON.stringify(marked, undefined, 2)}\n` : `${text.trimEnd()}\n`);
}

/** What a stack holds, in numbers; of gateways and services beside the mesh only where the stack says something. */
function describe(config: StackConfig): string {
  const { workloads, destinations, direct, gateways, outside, allow } = config;
  const hosts = destinations.reduce((sum, destination) => sum + destination.hosts.length, 0);
  return [
    counted(workloads.length, "workload"),
    counted(destinations.length + direct.length, "destination"),
    counted(hosts, "host"),
    ...(gateways.length === 0 ? [] : [counted(gatewaysOf(config).length, "gateway")]),
    ...(outside.length === 0 ? [] : [counted(outside.length, "service beside the mesh", "services beside the mesh")]),
    counted(allow.length, "rule"),
  ].join(", ");
}

/** What an operator is to know, a sentence each: the first says of whom or what the others are. */
function paragraph([first, ...more]: string[]): string[] {
  return first === undefined ? [] : ["", `${first}.`, ...more.map((sentence) => `  ${sentence}.`)];
}

/** Of namespaces that are somebody else's, what their owners do next. */
function steps(config: StackConfig): string[] {
  return adoptions(config).flatMap(({ namespace, guard, next, restart }) => [
    "",
    `${namespace} is somebody else's, with guard: ${guard}: ${next}.`,
    `  ${restart}`,
  ]);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
