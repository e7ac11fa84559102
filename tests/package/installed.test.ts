// The package in somebody's project: examples/bring-your-own, copied elsewhere, with the packed package and what it needs
// installed by npm from the registry; its commands are called as a user calls them.
// Does not prove: that the engine and a cluster take what the program makes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import manifest from "../../package.json";
import { soundGke } from "../unit/model/gke/gke-config";

const repository = path.resolve(__dirname, "../..");
const example = path.join(repository, "examples", "bring-your-own");

interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

function run(cwd: string, command: string, ...args: string[]): Ended {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 300_000 });
  if (error !== undefined) {
    throw error;
  }
  return { exitCode: status, stdout, stderr };
}

/** Runs a command that has to succeed. */
function fine(cwd: string, command: string, ...args: string[]): string {
  const { exitCode, stdout, stderr } = run(cwd, command, ...args);
  assert.equal(exitCode, 0, `${command} ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

describe("the installed package", () => {
  let folder: string;
  let project: string;
  const egress = (...args: string[]) => run(project, "npx", "egress", ...args);

  before(function () {
    this.timeout(600_000);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-installed-"));
    project = path.join(folder, "bring-your-own");
    const own = (file: string) => !["node_modules", "package-lock.json"].includes(path.basename(file));
    fs.cpSync(example, project, { recursive: true, filter: own });
    fine(repository, "npm", "run", "--silent", "package", "--", "--loglevel=error", "--pack-destination", folder);
    const archive = path.join(folder, `istio-egress-${manifest.version}.tgz`);
    fine(project, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", archive);
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("brings nothing for Google, for bundling or for the lab", () => {
    const installed = (name: string) => fs.existsSync(path.join(project, "node_modules", name));
    assert.ok(["istio-egress", "@pulumi/kubernetes", "commander", "yaml", "zod"].every(installed));
    const unwanted = ["@pulumi/gcp", "esbuild", "istio-egress-lab", "tar-stream", "@swc/core"];
    assert.deepEqual(unwanted.filter(installed), []);
  });

  it("has types that the project's program compiles with, declarations of packages included", () => {
    fine(project, "npx", "tsc", "--noEmit", "--skipLibCheck", "false");
  });

  it("checks, explains, compares and shows the project's own stacks", () => {
    assert.match(egress("check", "dev").stdout, /^Stack dev is sound: 1 workload, 1 destination, 1 host, 1 rule/);
    const allowed = egress("explain", "dev", "shop/cart", "https://api.payments.example/");
    assert.deepEqual([allowed.exitCode, /: allowed: istio-egress:allow\[0\]/.test(allowed.stdout)], [0, true]);
    const refused = egress("explain", "dev", "shop/cart", "https://hooks.payments.example/");
    assert.deepEqual([refused.exitCode, /: refused: /.test(refused.stdout)], [1, true]);
    assert.match(egress("diff", "dev", "prod").stdout, /\+ shop\/cart → hooks\.payments\.example/);
    assert.match(egress("matrix", "dev").stdout, /^shop\/cart +api\.payments\.example +deny +allow/m);
    assert.match(egress("tls", "dev").stdout, /^api\.payments\.example:443 +OK/m);
    for (const [file, content] of [
      ["page.html", /<script>.{1000,}<\/script>/s],
      ["picture.svg", /<svg/],
    ] as const) {
      assert.equal(egress("graph", "dev", "--out", file).exitCode, 0);
      assert.match(fs.readFileSync(path.join(project, file), "utf8"), content);
    }
  });

  it("finds the project from a folder below it, and names the stacks that there are", () => {
    const below = path.join(project, "chart");
    const { stdout } = run(below, "npx", "egress", "check", "prod");
    assert.match(stdout, /^Stack prod is sound/);
    const { exitCode, stderr } = egress("check", "nope");
    assert.deepEqual([exitCode, /Stacks: dev, prod\./.test(stderr)], [2, true]);
  });

  it("renders what the project's program makes, its own Deployment and release among it", () => {
    const { exitCode, stderr } = egress("render", "dev", "--out", "out");
    assert.equal(exitCode, 0, stderr);
    const read = (file: string) => parse(fs.readFileSync(path.join(project, "out", file), "utf8"));
    const own = read("kubernetes/program/Deployment.tools.clock.yaml");
    assert.equal(own.spec.template.spec.containers[0].image, "registry.example/clock:1");
    assert.equal(read("helm/program/Release.tools.notes.yaml").values.note, "from the stack's file");
    assert.equal(read("kubernetes/workload.shop.cart/Sidecar.shop.cart.yaml").kind, "Sidecar");
  });

  it("says where the lab is, and what a cluster on GKE needs", () => {
    const lab = egress("lab", "up");
    assert.deepEqual([lab.exitCode, /^The lab is not a part of the installed package/.test(lab.stderr)], [2, true]);
    const { config } = parse(fs.readFileSync(path.join(project, "Pulumi.dev.yaml"), "utf8"));
    const gke = { config: { ...config, "istio-egress:cluster": soundGke } };
    fs.writeFileSync(path.join(project, "Pulumi.gke.yaml"), stringify(gke));
    const rendered = egress("render", "gke");
    assert.equal(rendered.exitCode, 1);
    assert.match(
      rendered.stderr,
      /istio-egress:cluster is of kind gke, which needs the package @pulumi\/gcp.*npm install @pulumi\/gcp/,
    );
  });
});
