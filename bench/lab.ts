import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { columns } from "../cli/columns";
import type { Manifest } from "../model";
import type { RenderedResource } from "../model/render/resources";
import { grantToAppA, scratchCheckout } from "../tests/lab/support/checkout";
import { egress, kubectl, repository } from "../tests/lab/support/commands";
import { heldBy, Program, pulumi, tryPulumi } from "./lab-stack";

/** What the lab's stack gets for a while: destinations, and the hosts in all of them. */
const more = { destinations: 10, hosts: 1000 };

/** How often a preview is taken, and how often all hosts come and go; the median counts. */
const rounds = 3;

/** Namespace of the bare program's objects. */
const bareNamespace = "bench-bare";

interface Taken {
  preview: number[];
  up: number[];
}

/**
 * Measures what 1,000 hosts more cost on the lab: `pulumi preview` and `pulumi up` of them, beside a bare program in
 * plain JavaScript that registers the very same objects, in a namespace of its own, and for all that the stack else has
 * a ConfigMap; and the memory of a gateway's Envoy before and after. Needs a lab on which `make up` has put its stack,
 * and leaves it so. Round by round, so that a load that comes and goes meets both.
 */
function main(): void {
  const pristine = scratchCheckout();
  const large = scratchCheckout();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-bench-"));
  try {
    grantToAppA(large.folder, destinations(), "is measured");
    const before = rendered(pristine.folder);
    const known = new Set(before.map(keyOf));
    const added = rendered(large.folder).filter((resource) => !known.has(keyOf(resource)));
    const [few, many] = [false, true].map((all) => bareProgram(folder, before.length, all ? added : []));
    const ours = { few: { folder: pristine.folder, stack: "lab" }, many: { folder: large.folder, stack: "lab" } };
    const bare = { few: few!, many: many! };
    const memory = [heldBy("istio-egress", "app=egress-gateway").memory];
    const taken = { ours: none(), bare: none() };
    pulumi(bare.few, "stack", "init", bare.few.stack);
    pulumi(bare.few, "up", "--yes", "--skip-preview");
    for (let round = 0; round < rounds; round++) {
      for (const [name, programs] of Object.entries({ ours, bare })) {
        const into = taken[name as keyof typeof taken];
        into.preview.push(pulumi(programs.many, "preview"));
        into.up.push(pulumi(programs.many, "up", "--yes", "--skip-preview"));
        if (name === "ours" && round === 0) {
          memory.push(heldBy("istio-egress", "app=egress-gateway").memory);
        }
        pulumi(programs.few, "up", "--yes", "--skip-preview");
      }
    }
    print(added.length, before.length, taken, memory);
  } finally {
    // What a run that failed has left is taken back as well.
    tryPulumi({ folder: pristine.folder, stack: "lab" }, "up", "--yes", "--skip-preview");
    const bare = { folder: path.join(folder, "few"), stack: "bench-bare" };
    tryPulumi(bare, "destroy", "--yes", "--skip-preview", "--remove");
    kubectl("delete", "namespace", bareNamespace, "--ignore-not-found");
    pristine.remove();
    large.remove();
    fs.rmSync(folder, { recursive: true });
  }
}

const none = (): Taken => ({ preview: [], up: [] });

function destinations(): Record<string, unknown> {
  const each = more.hosts / more.destinations;
  return Object.fromEntries(
    Array.from({ length: more.destinations }, (_, destination) => [
      `partner-${destination}`,
      { hosts: Array.from({ length: each }, (_, host) => `api-${host}.partner-${destination}.example`) },
    ]),
  );
}

/** What a checkout's stack `lab` puts on the cluster, but for its Helm releases. */
function rendered(folder: string): RenderedResource[] {
  const { exitCode, stdout, stderr } = egress(["render", "lab", "--json"], { cwd: folder });
  if (exitCode !== 0) {
    throw new Error(`egress render lab: ${stderr}`);
  }
  return (JSON.parse(stdout) as RenderedResource[]).filter(({ provider }) => provider === "kubernetes");
}

const keyOf = ({ type, name }: RenderedResource): string => `${type} ${name}`;

/**
 * Writes a program that registers objects and nothing more.
 *
 * @param others how many ConfigMaps stand for the rest of the stack
 * @param added objects of Istio's, which it registers in its own namespace, for that namespace only
 */
function bareProgram(root: string, others: number, added: RenderedResource[]): Program {
  const folder = path.join(root, added.length === 0 ? "few" : "many");
  fs.mkdirSync(folder);
  fs.symlinkSync(path.join(repository, "node_modules"), path.join(folder, "node_modules"));
  const objects = added.map(({ inputs }) => {
    const { apiVersion, kind, metadata, spec } = inputs as unknown as Manifest & { spec: object };
    const own = { ...metadata, namespace: bareNamespace };
    return { apiVersion, kind, metadata: own, spec: { ...spec, ...("exportTo" in spec && { exportTo: ["."] }) } };
  });
  fs.writeFileSync(path.join(folder, "objects.json"), JSON.stringify(objects));
  fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: bench-bare\nruntime: nodejs\nmain: index.js\n");
  const program = [
    'const { CustomResource } = require("@pulumi/kubernetes/apiextensions/customResource");',
    'const { ConfigMap, Namespace } = require("@pulumi/kubernetes/core/v1");',
    `const name = "${bareNamespace}";`,
    "const namespace = new Namespace(name, { metadata: { name } });",
    "const options = { dependsOn: namespace };",
    `for (let index = 0; index < ${others}; index++) {`,
    "  const metadata = { name: `other-${index}`, namespace: name };",
    "  new ConfigMap(metadata.name, { metadata, data: { index: String(index) } }, options);",
    "}",
    'for (const object of require("./objects.json")) {',
    "  new CustomResource(`${object.kind}/${object.metadata.name}`, object, options);",
    "}",
  ];
  fs.writeFileSync(path.join(folder, "index.js"), `${program.join("\n")}\n`);
  return { folder, stack: "bench-bare" };
}

function print(added: number, others: number, { ours, bare }: Record<"ours" | "bare", Taken>, memory: number[]): void {
  const lines = (["preview", "up"] as const).map((what) => {
    const [own, plain] = [median(ours[what]), median(bare[what])];
    return [`pulumi ${what}`, (own / plain).toFixed(2), own.toFixed(1), plain.toFixed(1)];
  });
  process.stdout.write(
    [
      `${more.hosts} hosts more in ${more.destinations} destinations: ${added} objects, beside ${others} others; the median of ${rounds}.`,
      "×: as a multiple of a bare program that registers as many.",
      "",
      ...columns()([["", "×", "seconds", "bare, seconds"], ...lines]),
      "",
      `Memory of a gateway's Envoy: ${memory.map((value) => value.toFixed(1)).join(" MB, with them ")} MB.`,
      "",
    ].join("\n"),
  );
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

main();
