import { Command } from "commander";
import { planStack } from "../../model";
import { canonicalResources, planResources, RenderedResource } from "../../model/render/resources";
import { exitCodes } from "../exit-codes";
import { configOf, readStack } from "../read-stack";
import { ForeignFileError, renderInto } from "../render/folder";
import { toStream } from "../render/yaml";
import { defaultStacksFolder } from "../project";
import { StackFile } from "../stack-file";

interface Options {
  stacks: string;
  out?: string;
  json?: boolean;
}

const help = `
Nobody is asked for it: no cluster, no cloud, no plugin. Secrets show as "[encrypted]" or "[secret]", and what only
the cloud can tell as "[known when it is made]".
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

async function render(stack: string, options: Options, command: Command): Promise<void> {
  if (options.json && options.out !== undefined) {
    command.error("--json prints one array, and --out writes files: give one of them.", {
      exitCode: exitCodes.wrongUse,
    });
  }
  if (options.out === "") {
    command.error("--out names a folder, and is empty.", { exitCode: exitCodes.wrongUse });
  }
  const file = readStack(stack, options.stacks, command);
  const config = configOf(file);
  const resources = canonicalResources([
    ...planResources(planStack(config)),
    ...(config.cluster.kind === "gke" ? await onGoogleCloud(stack, file) : []),
  ]);
  if (options.out !== undefined) {
    write(options.out, resources, command);
  } else {
    process.stdout.write(options.json ? `${JSON.stringify(resources, undefined, 2)}\n` : toStream(resources));
  }
}

/** Loads Pulumi's SDK, which takes a second that a stack on a cluster that exists need not wait for. */
async function onGoogleCloud(stack: string, file: StackFile): Promise<RenderedResource[]> {
  const { cloudResources } = await import("../render/cloud");
  return cloudResources(stack, file);
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
