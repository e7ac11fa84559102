import { compareSides } from "../cli/diff/compare";
import { diffText } from "../cli/diff/text";
import { formatOf } from "../cli/graph/formats";
import "../cli/graph/html";
import "../cli/graph/layout";
import "../cli/graph/svg";
import { jsonPieces, modelMatrix } from "../cli/matrix";
import { matrixText } from "../cli/matrix-table";
import { configOf } from "../cli/read-stack";
import { toStream } from "../cli/render/yaml";
import { readStackFile } from "../cli/stack-file";
import { planStack, StackConfig, verdicts } from "../model";
import { explain, readCall } from "../model/explain";
import { graphOf } from "../model/graph";
import { sizeProblems } from "../model/plan/size";
import { canonicalResources, planResources } from "../model/render/resources";

/** The stacks in the folder that measures are given: one, and the same with one rule less. */
export const stacks = { large: "large", changed: "changed" };

/** What a command does between its start and its last output. */
export interface Measure {
  /** In this process. @returns what is written at the end, in pieces */
  run: (folder: string) => Iterable<string> | Promise<Iterable<string>>;
  /** What `egress` is called with for the same, without the folder. @default the command is not measured as a whole */
  argv?: string[];
}

const caller = "domain-000/service-000";
const allowed = "https://api-000.partner-000.example";
const unknown = "https://api-000.partnr-000.example";

/** By name; each reads the stack's file itself, as its command does. The first is what the others are compared with. */
export const measures: Record<string, Measure> = {
  "read the YAML": { run: (folder) => Object.keys(readStackFile(stacks.large, folder).raw) },
  check: {
    run: (folder) => {
      const config = configIn(folder);
      return [`${config.allow.length} rules, ${sizeProblems(config).length} objects too large`];
    },
    argv: ["check", stacks.large],
  },
  "explain, allowed": {
    run: (folder) => [explained(folder, allowed)],
    argv: ["explain", stacks.large, caller, allowed],
  },
  "explain, unknown host": {
    run: (folder) => [explained(folder, unknown)],
    argv: ["explain", stacks.large, caller, unknown],
  },
  "diff of one rule": {
    run: (folder) => [diffText([compareSides(sideOf(stacks.large, folder), sideOf(stacks.changed, folder))])],
    argv: ["diff", stacks.large, stacks.changed],
  },
  matrix: {
    run: (folder) => [matrixText(modelMatrix(verdicts(configIn(folder))))],
    argv: ["matrix", stacks.large],
  },
  "matrix --json": {
    run: (folder) => jsonPieces(modelMatrix(verdicts(configIn(folder)))),
    argv: ["matrix", stacks.large, "--json"],
  },
  "graph as .html": { run: async (folder) => [await drawn(folder, "html")] },
  "graph as .svg": { run: async (folder) => [await drawn(folder, "svg")] },
  "graph as .mmd": { run: async (folder) => [await drawn(folder, "mmd")] },
  plan: { run: (folder) => [JSON.stringify(planStack(configIn(folder)))] },
  render: {
    run: (folder) => [toStream(canonicalResources(planResources(planStack(configIn(folder)))))],
    argv: ["render", stacks.large],
  },
};

function configIn(folder: string): StackConfig {
  return configOf(readStackFile(stacks.large, folder));
}

function explained(folder: string, url: string): string {
  const check = readCall(url);
  if ("problem" in check) {
    throw new Error(`${url}: ${check.problem}`);
  }
  return JSON.stringify(explain(configIn(folder), caller, check.call));
}

function sideOf(stack: string, folder: string): Parameters<typeof compareSides>[0] {
  return { title: stack, stack, folder };
}

async function drawn(folder: string, ending: string): Promise<string> {
  return formatOf(`graph.${ending}`)!("large", graphOf(configIn(folder)));
}
