import * as fs from "node:fs";
import * as path from "node:path";
import { parseDocument } from "yaml";
import { columns } from "../cli/columns";
import { configOf } from "../cli/read-stack";
import { readStackFile } from "../cli/stack-file";
import { Manifest, planStack } from "../model";
import { projectPrefix } from "../model/config/problem";
import { state } from "../lab/paths";
import { inLab, kubectl } from "../tests/lab/support/commands";
import { editStack, editStackDocument, scratchCheckout } from "../tests/lab/support/checkout";
import { largeSettings } from "./large-stack";

/** How often the steps that are compared with each other are taken; the median counts. */
const rounds = 3;

/** Longer than any step may take. Seconds. */
const longest = 1200;

/** What is added to the lab's stack: destinations and their hosts, all granted to app-a and to nobody else. */
const added = { workloads: 1, destinations: 100, hosts: 1000, rules: 100 };

const caller = "test-app/app-a";

/** What the same resources are registered by with nothing around them. */
const bareProgram = `
import * as k8s from "@pulumi/kubernetes";
import * as fs from "node:fs";

const provider = new k8s.Provider("cluster", { upsertExistingObjects: false });
for (const object of JSON.parse(fs.readFileSync("objects.json", "utf8"))) {
  new k8s.apiextensions.CustomResource(object.kind + "/" + object.metadata.name, object, { provider });
}
`;

/**
 * Measures `pulumi up` and `pulumi preview` in the lab, which has to be up without a stack on it: the whole of a stack
 * with 1,000 hosts, then these hosts added to the lab's own stack, against a bare program that registers the same objects.
 */
function main(): void {
  const checkout = scratchCheckout();
  try {
    editStackDocument(checkout.folder, "lab", (set) => {
      // Of the lab that is up, wherever it keeps its files.
      set(["cluster", "kubeconfig"], state.kubeconfig);
      set(["mesh", "charts"], state.charts);
    });
    const small = fs.readFileSync(stackFile(checkout.folder), "utf8");
    editStack(checkout.folder, "lab", withHosts);
    const objects = addedObjects(checkout.folder);
    const bare = writeBare(path.join(checkout.folder, "bare"), objects);
    const large = fs.readFileSync(stackFile(checkout.folder), "utf8");
    const ours = { folder: checkout.folder, stack: "lab" };
    for (const { folder, stack } of [ours, bare]) {
      pulumi(folder, ["stack", "select", "--create", "--stack", stack]);
    }

    const whole = up(ours);
    const memory = [memoryOf("istio-egress", "egress-gateway"), memoryOf("test-app", "app-a")];
    const unchanged = preview(ours);
    const taken: Record<string, [number[], number[]]> = { preview: [[], []], up: [[], []], [eachStep]: [[], []] };
    const take = (step: string, measure: (program: Program) => number) => {
      fs.writeFileSync(stackFile(checkout.folder), large);
      taken[step]![0].push(measure(ours));
      if (measure !== preview) {
        fs.writeFileSync(stackFile(checkout.folder), small);
        up(ours);
      }
      // Both would have the same objects.
      taken[step]![1].push(measure(bare));
      if (measure !== preview) {
        pulumi(bare.folder, ["destroy", ...unasked, "--stack", bare.stack]);
      }
    };
    fs.writeFileSync(stackFile(checkout.folder), small);
    up(ours);
    for (let round = 0; round < rounds; round++) {
      take("preview", preview);
      take("up", up);
    }
    // Takes minutes, and so is taken once.
    take(eachStep, (program) => up(program, { PULUMI_SKIP_CHECKPOINTS: "false" }));
    pulumi(ours.folder, ["destroy", ...unasked, "--stack", ours.stack]);

    const rows = Object.entries(taken).map(([step, [own, other]]) => {
      const [a, b] = [median(own), median(other)];
      return [step, a.toFixed(1), b.toFixed(1), (a / b).toFixed(2)];
    });
    process.stdout.write(
      [
        `${added.hosts} hosts in ${added.destinations} destinations, ${objects.length} objects, beside those of the stack lab.`,
        `All of it, from an empty cluster: up in ${whole.toFixed(0)} s; a preview without changes in ${unchanged.toFixed(0)} s.`,
        `Memory, as Envoy allocates it: ${memory[0]} MB in a gateway, ${memory[1]} MB in the sidecar of ${caller}.`,
        "",
        `Seconds for these hosts; the median of ${rounds}.`,
        ...columns()([["", "the stack", "a bare program", "×"], ...rows]),
        "",
      ].join("\n"),
    );
  } finally {
    checkout.remove();
  }
}

const eachStep = "up, with the state written at each step";

const unasked = ["--yes", "--skip-preview"];

function stackFile(folder: string): string {
  return path.join(folder, "stacks", "Pulumi.lab.yaml");
}

function withHosts(text: string): string {
  const document = parseDocument(text);
  const { destinations } = largeSettings(added) as { destinations: Record<string, { hosts: string[] }> };
  for (const [name, destination] of Object.entries(destinations)) {
    document.setIn(["config", `${projectPrefix}destinations`, name], document.createNode(destination));
    document.addIn(
      ["config", `${projectPrefix}allow`],
      document.createNode({ from: caller, to: name, owner: "bench", reason: "is measured" }),
    );
  }
  return document.toString();
}

function addedObjects(folder: string): Manifest[] {
  const { destinations } = planStack(configOf(readStackFile("lab", path.join(folder, "stacks"))));
  return destinations.filter(({ name }) => name.startsWith("partner-")).flatMap(({ manifests }) => manifests);
}

interface Program {
  folder: string;
  stack: string;
}

/** In a folder of the checkout's, by whose modules it is run. */
function writeBare(folder: string, objects: Manifest[]): Program {
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: bare\nruntime: nodejs\nmain: index.ts\n");
  fs.writeFileSync(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../tsconfig.json", files: ["index.ts"] }),
  );
  fs.writeFileSync(path.join(folder, "index.ts"), bareProgram);
  fs.writeFileSync(path.join(folder, "objects.json"), JSON.stringify(objects));
  return { folder, stack: "bench" };
}

function up({ folder, stack }: Program, env: NodeJS.ProcessEnv = {}): number {
  return seconds(() => pulumi(folder, ["up", ...unasked, "--stack", stack], env));
}

function preview({ folder, stack }: Program): number {
  return seconds(() => pulumi(folder, ["preview", "--stack", stack]));
}

function pulumi(folder: string, args: string[], env: NodeJS.ProcessEnv = {}): void {
  const { exitCode, stdout, stderr } = inLab(["pulumi", ...args, "--non-interactive"], {
    cwd: folder,
    env,
    seconds: longest,
  });
  if (exitCode !== 0) {
    throw new Error(`pulumi ${args.join(" ")}: ${stdout}${stderr}`);
  }
}

function seconds(step: () => void): number {
  const started = performance.now();
  step();
  return (performance.now() - started) / 1000;
}

/** What an Envoy has allocated, in millions of bytes. */
function memoryOf(namespace: string, deployment: string): string {
  const answer = kubectl(
    ...["exec", `--namespace=${namespace}`, `deployment/${deployment}`, "--container=istio-proxy", "--"],
    ...["pilot-agent", "request", "GET", "memory"],
  );
  return (Number((JSON.parse(answer) as { allocated: string }).allocated) / 1e6).toFixed(1);
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

main();
