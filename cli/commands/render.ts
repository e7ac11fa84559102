import { Command } from "commander";
import { planStack, StackConfig } from "../../model";
import { canonicalResources, planResources, RenderedResource } from "../../model/render/resources";
import { exitCodes } from "../exit-codes";
import { configOf, readStack } from "../read-stack";
import { ForeignFileError, renderInto } from "../render/folder";
import { inWordsOfPlan, ProgramError, programResources } from "../render/program";
import { toStream } from "../render/yaml";
import { defaultStacksFolder, findProject } from "../project";
import { readProgramConfig } from "../stack-file";

interface Options {
  stacks: string;
  out?: string;
  json?: boolean;
}

const help = `
The project's program is run for it, as for a preview, in TypeScript or JavaScript; nobody else is asked: no engine, no
cluster, no cloud, no plugin. Secrets show as "[secret]", and what only the cloud can tell as "[known when
it is made]".
Helm releases are rendered as what Helm is given (chart, version, values); the objects that Istio's charts make of it
are not among them. kubectl apply --dry-run=client --recursive -f DIR/kubernetes takes the rest.`;

export function register(program: Command): void {
  program
    .command("render")
    .description("every resource of a stack as YAML, offline")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .option("--out <folder>", "a file for each resource, in this folder, instead of one stream")
    .option("--json", "as a JSON array of {provider, owner, type, name, inputs}")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(render);
}

function render(stack: string, options: Options, command: Command): void {
  if (options.json && options.out !== undefined) {
    command.error("--json prints one array, and --out writes files: give one of them.", {
      exitCode: exitCodes.wrongUse,
    });
  }
  if (options.out === "") {
    command.error("--out names a folder, and is empty.", { exitCode: exitCodes.wrongUse });
  }
  const config = configOf(readStack(stack, options.stacks, command));
  const resources = canonicalResources(resourcesOf(stack, config, options.stacks));
  if (options.out !== undefined) {
    write(options.out, resources, command);
  } else {
    process.stdout.write(options.json ? `${JSON.stringify(resources, undefined, 2)}\n` : toStream(resources));
  }
}

/**
 * What the program makes of the project that the stacks' folder lies in. For a folder outside of any project, what a
 * `Platform` makes of the configuration; what a cluster takes is then for the program of the working folder to say.
 */
function resourcesOf(stack: string, config: StackConfig, folder: string): RenderedResource[] {
  const planned = planResources(planStack(config));
  const project = findProject(folder) ?? (config.cluster.kind === "gke" ? findProject() : undefined);
  if (project !== undefined) {
    return inWordsOfPlan(programResources(project, stack, readProgramConfig(stack, folder, project)), planned);
  }
  if (config.cluster.kind === "gke") {
    throw new ProgramError(
      `The stack ${stack} makes its cluster, and what that takes is for its program to say; but there is no project: ` +
        `no Pulumi.yaml in ${folder} or above, nor here.`,
    );
  }
  return planned;
}

function write(folder: string, resources: RenderedResource[], command: Command): void {
  try {
    renderInto(folder, resources);
  } catch (error) {
    if (error instanceof ForeignFileError) {
      command.error(error.message, { exitCode: exitCodes.wrongUse });
    }
    throw error;
  }
  process.stdout.write(`${resources.length} resources written to ${folder}.\n`);
}
