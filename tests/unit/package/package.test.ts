// The package as others get it: packed, unpacked beside the packages that it names, and used by a program of its own.
// Does not prove: that a registry or the engine takes it; nor that any version in its ranges does but the one here.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import manifest from "../../../package.json";
import { repositoryFolder } from "../../../lab/paths";
import { temporaryFolder } from "../lab/tools/temporary";

/** A program that puts components together, as README.md has it, and says what the engine was asked for. */
const program = `
import * as pulumi from "@pulumi/pulumi";
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
  console.log(JSON.stringify({ asked, refused, ofOneSdk: mesh instanceof pulumi.ComponentResource }));
}

void main();
`;

/** Packs the package and unpacks it in a project, which has nothing else than what the package names. */
function install(consumer: string): string {
  const installed = path.join(consumer, "node_modules", "istio-egress");
  fs.mkdirSync(installed, { recursive: true });
  execFileSync("npm", ["run", "--silent", "package", "--", "--loglevel=error", "--pack-destination", consumer], {
    cwd: repositoryFolder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const archive = path.join(consumer, `istio-egress-${manifest.version}.tgz`);
  execFileSync("tar", ["--extract", "--gzip", "--strip-components=1", "--file", archive, "--directory", installed]);
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const link = path.join(consumer, "node_modules", name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(path.join(repositoryFolder, "node_modules", name), link);
  }
  return installed;
}

/** Runs Node in a project, and gives what it printed. */
function node(consumer: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: consumer, encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

describe("the package", () => {
  const folder = temporaryFolder();

  it("holds what it exports and no more, and its components work in another's program", function () {
    this.timeout(180_000);
    const consumer = folder();
    const installed = install(consumer);
    const top = fs.readdirSync(installed).sort();
    assert.deepEqual(top, ["LICENSE", "README.md", "dist", "package.json"]);
    assert.deepEqual(fs.readdirSync(path.join(installed, "dist")).sort(), ["components", "model"]);
    const packed = JSON.parse(fs.readFileSync(path.join(installed, "package.json"), "utf8")) as typeof manifest;
    assert.ok(!("bin" in packed) && !("private" in packed));

    const modules = path.join(repositoryFolder, "node_modules");
    const options = ["--strict", "--module", "node16", "--target", "es2022", "--skipLibCheck", "--types", "node"];
    fs.writeFileSync(path.join(consumer, "index.ts"), program);
    node(
      consumer,
      path.join(modules, "typescript/bin/tsc"),
      ...options,
      "--typeRoots",
      `${modules}/@types`,
      "index.ts",
    );
    const said = JSON.parse(node(consumer, "index.js")) as { asked: string[]; refused: boolean; ofOneSdk: boolean };
    assert.deepEqual([said.refused, said.ofOneSdk], [true, true]);
    const types = ["Mesh", "EgressNamespace", "EgressGateway", "InjectedNamespace", "Workload", "EgressDestination"];
    for (const type of types.map((name) => `istio-egress:index:${name}`)) {
      assert.ok(said.asked.includes(type), `${type} is not among ${said.asked.join(", ")}`);
    }
    assert.ok(said.asked.includes("kubernetes:security.istio.io/v1:AuthorizationPolicy"), said.asked.join(", "));
  });

  it("takes the versions that it is tested with, and later ones of the same API", () => {
    const pinned: Record<string, string> = manifest.devDependencies;
    for (const [name, range] of Object.entries(manifest.peerDependencies)) {
      assert.equal(range, `^${pinned[name]}`, name);
    }
  });
});
