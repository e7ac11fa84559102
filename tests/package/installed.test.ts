// The package in somebody's project: examples/bring-your-own, copied elsewhere, with the packed package and what it needs
// installed by npm from the registry; its commands are called as a user calls them.
// Does not prove: that the engine and a cluster take what the program makes.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { repositoryFolder } from "../../lab/paths";
import { soundGke } from "../unit/model/gke/gke-config";
import { pack } from "../unit/package/pack";

const example = path.join(repositoryFolder, "examples", "bring-your-own");

interface Ended {
  exitCode: number | string | null | undefined;
  stdout: string;
  stderr: string;
}

function run(cwd: string, command: string, ...args: string[]): Promise<Ended> {
  return new Promise((ended) => {
    execFile(command, args, { cwd, timeout: 300_000 }, (error, stdout, stderr) =>
      ended({ exitCode: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

/** Runs a command that has to succeed. */
async function fine(cwd: string, command: string, ...args: string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await run(cwd, command, ...args);
  assert.equal(exitCode, 0, `${command} ${args.join(" ")}: ${stdout}${stderr}`);
}

describe("the installed package", () => {
  let folder: string;
  let project: string;
  let compiled: Promise<Ended>;
  const egress = (...args: string[]) => run(project, "npx", "egress", ...args);
  const read = (file: string) => fs.readFileSync(path.join(project, file), "utf8");

  before(async function () {
    this.timeout(600_000);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-installed-"));
    project = path.join(folder, "bring-your-own");
    const own = (file: string) => !["node_modules", "package-lock.json"].includes(path.basename(file));
    fs.cpSync(example, project, { recursive: true, filter: own });
    const archive = pack(folder);
    await fine(project, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", archive);
    // The compiler takes as long as all else: it works beside the other tests.
    compiled = run(project, "npx", "tsc", "--noEmit", "--skipLibCheck", "false");
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("brings nothing for Google, for bundling or for the lab", () => {
    const installed = (name: string) => fs.existsSync(path.join(project, "node_modules", name));
    assert.ok(["istio-egress", "@pulumi/kubernetes", "commander", "yaml", "zod"].every(installed));
    const unwanted = ["@pulumi/gcp", "esbuild", "istio-egress-lab", "tar-stream", "@swc/core"];
    assert.deepEqual(unwanted.filter(installed), []);
  });

  it("compiles with the options of Pulumi's own template and esModuleInterop, with every declaration looked at", async () => {
    await compiled;
    const template = [
      "--module",
      "commonjs",
      "--moduleResolution",
      "node10",
      "--target",
      "es2020",
      "--experimentalDecorators",
    ];
    const whole = ["--noEmit", "--skipLibCheck", "false", "--noImplicitReturns", "--noFallthroughCasesInSwitch"];
    await fine(project, "npx", "tsc", ...template, ...whole, "--esModuleInterop", "true");
  });

  it("checks, explains, compares and shows the project's own stacks", async () => {
    const [checked, allowed, refused, diff, matrix, tls, page, picture] = await Promise.all([
      egress("check", "dev"),
      egress("explain", "dev", "shop/cart", "https://api.payments.example/"),
      egress("explain", "dev", "shop/cart", "https://hooks.payments.example/"),
      egress("diff", "dev", "prod"),
      egress("matrix", "dev"),
      egress("tls", "dev"),
      egress("graph", "dev", "--out", "page.html"),
      egress("graph", "dev", "--out", "picture.svg"),
    ]);
    assert.match(checked.stdout, /^Stack dev is sound: 1 workload, 1 destination, 1 host, 1 rule/);
    assert.deepEqual([allowed.exitCode, /: allowed: istio-egress:allow\[0\]/.test(allowed.stdout)], [0, true]);
    assert.deepEqual([refused.exitCode, /: refused: /.test(refused.stdout)], [1, true]);
    assert.match(diff.stdout, /\+ shop\/cart → hooks\.payments\.example/);
    assert.match(matrix.stdout, /^shop\/cart +api\.payments\.example +deny +allow/m);
    assert.match(tls.stdout, /^api\.payments\.example:443 +OK/m);
    assert.deepEqual([page.exitCode, picture.exitCode], [0, 0], page.stderr + picture.stderr);
    assert.match(read("page.html"), /<script>.{1000,}<\/script>/s);
    assert.match(read("picture.svg"), /<svg/);
  });

  it("finds the project from a folder below it, and names the stacks that there are", async () => {
    const [below, unknown] = await Promise.all([
      run(path.join(project, "chart"), "npx", "egress", "check", "prod"),
      egress("check", "nope"),
    ]);
    assert.match(below.stdout, /^Stack prod is sound/);
    assert.deepEqual([unknown.exitCode, /Stacks: dev, prod\./.test(unknown.stderr)], [2, true]);
  });

  it("renders what the project's program makes, its own Deployment and release among it", async () => {
    const { exitCode, stderr } = await egress("render", "dev", "--out", "out");
    assert.equal(exitCode, 0, stderr);
    const resource = (file: string) => parse(read(path.join("out", file)));
    const own = resource("kubernetes/program/Deployment.shop.clock.yaml");
    assert.equal(own.spec.template.spec.containers[0].image, "registry.example/clock:1");
    assert.equal(resource("helm/program/Release.shop.notes.yaml").values.note, "from the stack's file");
    for (const client of ["clock", "notes"]) {
      const { spec } = resource(`kubernetes/${client}/Sidecar.shop.${client}.yaml`);
      assert.deepEqual(spec.egress[0].hosts.slice(1), ["istio-egress/api.time.example"]);
    }
    const policy = resource("kubernetes/platform-egress/AuthorizationPolicy.istio-egress.allow-time.yaml");
    assert.deepEqual(policy.spec.rules[0].from[0].source.principals, [
      "cluster.local/ns/shop/sa/clock",
      "cluster.local/ns/shop/sa/notes",
    ]);
    assert.equal(resource("kubernetes/workload.shop.cart/Sidecar.shop.cart.yaml").kind, "Sidecar");
  });

  it("says where the lab is, and what a cluster on GKE needs", async () => {
    const { config } = parse(read("Pulumi.dev.yaml"));
    const gke = { config: { ...config, "istio-egress:cluster": soundGke } };
    fs.writeFileSync(path.join(project, "Pulumi.gke.yaml"), stringify(gke));
    const [lab, rendered] = await Promise.all([egress("lab", "up"), egress("render", "gke")]);
    assert.deepEqual([lab.exitCode, /^The lab is not a part of the installed package/.test(lab.stderr)], [2, true]);
    assert.equal(rendered.exitCode, 1);
    assert.match(
      rendered.stderr,
      /istio-egress:cluster is of kind gke, which needs the package @pulumi\/gcp.*npm install @pulumi\/gcp/,
    );
  });

  it("has types that the project's program compiles with, declarations of packages included", async () => {
    const { exitCode, stdout, stderr } = await compiled;
    assert.equal(exitCode, 0, stdout + stderr);
  });
});
