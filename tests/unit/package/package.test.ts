// The package as others get it: packed, unpacked beside the packages that it names, and used by a program and from a
// shell. Does not prove: that npm installs it (tests/package does), that a registry or the engine takes it; nor that any
// version in its ranges does but the one here.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import manifest from "../../../package.json";
import { soundConfig } from "../model/config/sound-config";
import { soundGke } from "../model/gke/gke-config";
import { installPacked, link, modules } from "./pack";

/** A program that puts components together, as README.md has it, and says what the engine was asked for. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import * as components from "istio-egress";
import { EgressDestination, EgressGateway, EgressNamespace, InjectedNamespace, Mesh, Workload } from "istio-egress";
import { ConfigError, parseConfig } from "istio-egress/model";

const asked: string[] = [];
const mocks: pulumi.runtime.Mocks = {
  newResource: ({ type, name, inputs }) => {
    asked.push(type);
    return { id: name, state: inputs };
  },
  call: () => ({}),
};

async function main(): Promise<void> {
  await pulumi.runtime.setMocks(mocks);
  const mesh = new Mesh("mesh", { version: "1.31.1", charts: "https://charts.example.com" });
  const egress = new EgressNamespace("egress", { mesh, guardedNamespaces: ["shop"] });
  const gateway = new EgressGateway("gateway", { namespace: egress });
  const shop = new InjectedNamespace("shop", { egress, namespace: "shop" });
  const hosts = ["api.example.com"];
  const cart = new Workload("cart", { namespace: shop, workload: "cart", image: "registry.example.com/cart:3", hosts });
  new EgressDestination("api", { gateway, destination: "api", hosts, protocols: ["https"], clients: [cart.client] });
  await pulumi.runtime.disconnect();

  let refused = false;
  try {
    parseConfig({ alow: [] }, { now: new Date() });
  } catch (error) {
    refused = error instanceof ConfigError;
  }

  const { existing, gke } = require("./configs.json");
  const now = new Date();
  const platform = (name: string, raw: {}) => new components.Platform(name, { config: parseConfig(raw, { now }) });
  const withoutGke = platform("existing", existing).gke === undefined;
  let missing = "";
  try {
    platform("gke", gke);
  } catch (error) {
    missing = pulumi.RunError.isInstance(error) ? error.message : String(error);
  }
  await pulumi.runtime.disconnect();
  const ofOneSdk = mesh instanceof pulumi.ComponentResource;
  console.log(JSON.stringify({ asked, refused, ofOneSdk, withoutGke, missing }));
}

void main();
`;

/** A program that makes a cluster on GKE. */
const gkeProgram = `
import { GkeCluster, GkeClusterArgs } from "istio-egress/gke";
export const make = (args: GkeClusterArgs) => new GkeCluster("gke", args).egressAddresses;
`;

/** Runs Node in a project. */
function run(consumer: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: consumer, encoding: "utf8" });
}

/** Runs Node in a project, and gives what it printed. */
function node(consumer: string, ...args: string[]): string {
  const { status, stdout, stderr } = run(consumer, ...args);
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

/** Compiles a program with all that it imports, the package's declarations too. */
function compile(consumer: string, file: string, text: string): void {
  fs.writeFileSync(path.join(consumer, file), text);
  const options = ["--strict", "--module", "node16", "--target", "es2022", "--types", "node"];
  node(consumer, path.join(modules, "typescript/bin/tsc"), ...options, "--typeRoots", `${modules}/@types`, file);
}

describe("the package", () => {
  let consumer: string;
  let installed: string;

  before(function () {
    this.timeout(180_000);
    consumer = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-test-"));
    installed = installPacked(consumer);
    fs.writeFileSync(path.join(consumer, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    const config = Object.entries(soundConfig()).map(([key, value]) => [`istio-egress:${key}`, value]);
    fs.writeFileSync(path.join(consumer, "Pulumi.dev.yaml"), JSON.stringify({ config: Object.fromEntries(config) }));
    const configs = { existing: soundConfig(), gke: { ...soundConfig(), cluster: soundGke } };
    fs.writeFileSync(path.join(consumer, "configs.json"), JSON.stringify(configs));
  });

  after(() => fs.rmSync(consumer, { recursive: true, force: true }));

  it("holds what it exports, its command, and no more", () => {
    const top = fs.readdirSync(installed).sort();
    assert.deepEqual(top, ["LICENSE", "README.md", "cli", "dist", "package.json"]);
    assert.deepEqual(fs.readdirSync(path.join(installed, "cli")), ["egress.js"]);
    assert.deepEqual(fs.readdirSync(path.join(installed, "dist")).sort(), ["cli", "components", "model"]);
    const packed = JSON.parse(fs.readFileSync(path.join(installed, "package.json"), "utf8")) as typeof manifest;
    assert.ok(!("private" in packed));
    for (const { types, default: code } of Object.values(packed.exports)) {
      assert.ok(
        [types, code].every((file) => fs.existsSync(path.join(installed, file))),
        `${types}, ${code}`,
      );
    }
  });

  it("has components that work in another's program, and declarations that compile, without the packages for GKE", function () {
    this.timeout(180_000);
    compile(consumer, "index.ts", program);
    const said = JSON.parse(node(consumer, "index.js")) as {
      asked: string[];
      refused: boolean;
      ofOneSdk: boolean;
      withoutGke: boolean;
      missing: string;
    };
    assert.deepEqual([said.refused, said.ofOneSdk, said.withoutGke], [true, true, true]);
    assert.match(said.missing, /^istio-egress:cluster is of kind gke.*npm install @pulumi\/gcp/);
    const types = ["Mesh", "EgressNamespace", "EgressGateway", "InjectedNamespace", "Workload", "EgressDestination"];
    for (const type of types.map((name) => `istio-egress:index:${name}`)) {
      assert.ok(said.asked.includes(type), `${type} is not among ${said.asked.join(", ")}`);
    }
    assert.ok(said.asked.includes("kubernetes:security.istio.io/v1:AuthorizationPolicy"), said.asked.join(", "));
  });

  it("has commands that need no compiler, no bundler and no lab", function () {
    this.timeout(60_000);
    const egress = (...args: string[]) => run(consumer, "node_modules/istio-egress/cli/egress.js", ...args);
    const checked = egress("check", "dev");
    assert.match(checked.stdout, /^Stack dev is sound: /, checked.stderr);
    const unknown = egress("check", "prod");
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /no file Pulumi\.prod\.yaml\. Stacks: dev\./);

    const drawn = egress("graph", "dev", "--out", "page.html");
    assert.equal(drawn.status, 0, drawn.stderr);
    assert.match(fs.readFileSync(path.join(consumer, "page.html"), "utf8"), /<script>.{1000,}<\/script>/s);

    for (const args of [["lab", "up"], ["lab", "shell", "--", "pulumi", "up"], ["lab", "--help"], ["lab"]]) {
      const lab = egress(...args);
      assert.equal(lab.status, 2, args.join(" "));
      assert.match(lab.stderr, /^The lab is not a part of the installed package.*Clone/s);
    }
  });

  it("makes a cluster on GKE for those who install Google's provider too", function () {
    this.timeout(180_000);
    link(consumer, "@pulumi/gcp");
    compile(consumer, "gke.ts", gkeProgram);
    assert.equal(node(consumer, "-e", 'console.log(typeof require("./gke").make)'), "function\n");
  });

  it("takes the versions that it is tested with, and later ones of the same API", () => {
    const pinned: Record<string, string> = manifest.devDependencies;
    for (const [name, range] of Object.entries(manifest.peerDependencies)) {
      assert.equal(range, `^${pinned[name]}`, name);
    }
  });
});
