import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as os from "node:os";
import * as path from "node:path";
import { RenderedResource } from "../../model/render/resources";
import { Project } from "../project";
import { ProgramConfig } from "../../model/config/file/stack";

/** A program that cannot be run here; the message says why. */
export class ProgramError extends Error {}

/** Stands for what only the cloud or the cluster can tell, such as an address that it has yet to reserve. */
const unknown = "[known when it is made]";
const secret = "[secret]";

/** The SDK's mark of a secret: https://www.pulumi.com/docs/iac/concepts/secrets/ */
const secretMark = "1b47061264138c4ac30d75fd1eb44270";
/** The SDK's mark of what is not known yet, in a program's inputs. */
const unknownMarks = ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", "__pulumiUnknown"];

const runner = path.join(__dirname, "run-program.js");
/** How long a program may take. Seconds. */
const patience = 120;

/** What a program asks the engine for. */
interface Asked {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** Whether a provider makes it; a component is only a name for its children. */
  custom?: boolean;
}

/**
 * What a stack's program makes: it is run, as for a preview, and what it asks the engine for is written down. Nobody
 * else is asked: no engine, no plugin, no cluster, no cloud. Calls of providers' functions get empty answers.
 *
 * @throws ProgramError
 */
export function programResources(project: Project, stack: string, config: ProgramConfig): RenderedResource[] {
  return runProgram(project, stack, config)
    .filter(({ type, custom }) => custom !== false && !type.startsWith("pulumi:"))
    .map(rendered);
}

/**
 * The resources that a program makes, by the words of the plan where the plan has them: those are called after their
 * part of the stack, and say which parts of them are encrypted.
 */
export function inWordsOfPlan(resources: RenderedResource[], planned: RenderedResource[]): RenderedResource[] {
  const keyOf = ({ provider, type, name }: RenderedResource) => [provider, type, name].join(" ");
  const words = new Map(planned.map((resource) => [keyOf(resource), resource]));
  return resources.map((resource) => {
    const plan = words.get(keyOf(resource));
    if (plan === undefined) {
      return resource;
    }
    // Helm's words are the plan's: Pulumi has some of its own for the same.
    const inputs = resource.provider === "helm" || hides(resource.inputs) ? plan.inputs : resource.inputs;
    return { ...plan, inputs };
  });
}

function runProgram(project: Project, stack: string, { values, encrypted }: ProgramConfig): Asked[] {
  const { folder, program } = entryOf(project);
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "egress-render-"));
  try {
    const [request, answer] = [path.join(temporary, "request.json"), path.join(temporary, "answer.json")];
    const sdk = sdkOf(folder);
    const asks = { sdk, program, project: project.name, stack, config: values, secrets: encrypted, answer };
    fs.writeFileSync(request, JSON.stringify(asks), { mode: 0o600 });
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...project.nodeArgs, runner, request], {
      cwd: folder,
      env: {
        ...process.env,
        // Types are checked by those who deploy; here they would only cost time.
        PULUMI_NODEJS_TRANSPILE_ONLY: process.env.PULUMI_NODEJS_TRANSPILE_ONLY ?? "true",
        PULUMI_NODEJS_TYPESCRIPT: String(project.typescript),
        PULUMI_NODEJS_PROJECT: project.name,
        PULUMI_NODEJS_STACK: stack,
        PULUMI_NODEJS_ROOT_DIRECTORY: project.folder,
      },
      encoding: "utf8",
      timeout: patience * 1000,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (signal !== null) {
      throw failed(project, `it did not end within ${patience} s`);
    }
    if (status !== 0 || !fs.existsSync(answer)) {
      throw failed(project, `it ended with ${status}.\n${stdout}${stderr}`.trim());
    }
    return JSON.parse(fs.readFileSync(answer, "utf8")) as Asked[];
  } finally {
    fs.rmSync(temporary, { recursive: true });
  }
}

/** Where Pulumi runs a project's program, and what it runs there: `.` where package.json says which file. */
function entryOf(project: Project): { folder: string; program: string } {
  if (project.runtime !== "nodejs") {
    throw failed(project, `its runtime is ${project.runtime}, and egress render can run programs of nodejs only`);
  }
  const main = path.resolve(project.folder, project.main ?? ".");
  const status = fs.statSync(main, { throwIfNoEntry: false });
  if (status === undefined) {
    throw failed(project, `there is no ${main}, which is the "main" of ${project.file}`);
  }
  return status.isDirectory()
    ? { folder: main, program: "." }
    : { folder: path.dirname(main), program: path.basename(main) };
}

function sdkOf(folder: string): string {
  try {
    return createRequire(path.join(folder, "index.js")).resolve("@pulumi/pulumi");
  } catch {
    throw new ProgramError(
      `The program in ${folder} cannot be run: @pulumi/pulumi is not installed there. Run \`npm install\` first.`,
    );
  }
}

function failed({ folder }: Project, why: string): ProgramError {
  return new ProgramError(`The program of the project in ${folder} cannot be run to see what it makes: ${why}`);
}

/** As `kubectl` and Pulumi would call it. A child is called after its component and after itself: `gke-egress/nat`. */
function rendered({ type, name, inputs }: Asked): RenderedResource {
  const [owner, ...rest] = name.includes("/") ? name.split("/") : ["program", name];
  const shownInputs = shown(inputs) as Record<string, unknown>;
  const [provider, , kind] = type.split(":") as [string, string, string];
  const resource = { provider, owner: owner!, type, name: rest.join("/"), inputs: shownInputs };
  if (provider !== "kubernetes") {
    return resource;
  }
  if (type.startsWith("kubernetes:helm.sh/")) {
    const namespace = shownInputs.namespace;
    const release = typeof shownInputs.name === "string" ? shownInputs.name : resource.name;
    const title = typeof namespace === "string" ? `${namespace}/${release}` : release;
    return { ...resource, provider: "helm", type: kind, name: title };
  }
  const metadata = (shownInputs.metadata ?? {}) as { namespace?: unknown; name?: unknown };
  const object = typeof metadata.name === "string" ? metadata.name : resource.name;
  return {
    ...resource,
    // A patch of an object is not the object: Pulumi has kinds of its own for them.
    type: `${String(shownInputs.apiVersion)}/${kind}`,
    name: typeof metadata.namespace === "string" ? `${metadata.namespace}/${object}` : object,
  };
}

function hides(value: unknown): boolean {
  return typeof value === "object" && value !== null
    ? Object.values(value).some(hides)
    : value === secret || value === unknown;
}

function shown(value: unknown): unknown {
  if (typeof value === "string") {
    return unknownMarks.includes(value) ? unknown : value;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if ("__pulumiUnknown" in value) {
    return unknown;
  }
  if (Object.values(value).includes(secretMark)) {
    return secret;
  }
  return Array.isArray(value)
    ? value.map(shown)
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shown(part)]));
}
