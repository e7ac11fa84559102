// `egress render` as it is called: what it prints and writes, and how it ends.
// Does not prove: that a cluster or a cloud takes any of it; nor what Istio's charts make of their values.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { parse, parseAllDocuments, stringify } from "yaml";
import { register } from "../../../cli/commands/render";
import { fileName } from "../../../cli/render/folder";
import { toStream } from "../../../cli/render/yaml";
import { manifestKey, parseConfig, planStack } from "../../../model";
import { canonicalResources, planResources } from "../../../model/render/resources";
import { allowlists, manifestsOf, rawConfig, reversed } from "../../property/allowlists";
import { temporaryFolder } from "../lab/tools/temporary";
import { now, soundConfig } from "../model/config/sound-config";
import { soundGke } from "../model/gke/gke-config";
import { Ended, runCommand } from "./run-command";

const folder = temporaryFolder();

function write(raw: Record<string, unknown>): void {
  const config = Object.fromEntries(Object.entries(raw).map(([key, value]) => [`istio-egress:${key}`, value]));
  fs.writeFileSync(
    path.join(folder(), "Pulumi.shop.yaml"),
    stringify({ config }, { defaultStringType: "QUOTE_DOUBLE" }),
  );
}

function render(...argv: string[]): Promise<Ended> {
  return runCommand(register, "render", "shop", ...argv, "--stacks", folder());
}

function filesIn(at: string): string[] {
  return fs
    .readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(at, path.join(entry.parentPath, entry.name)))
    .sort();
}

describe("egress render", () => {
  beforeEach(() => write(soundConfig()));

  it("prints every object of the plan, and what Helm is given, as one stream", async () => {
    const { exitCode, stdout } = await render();
    assert.equal(exitCode, 0);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS());
    const plan = planStack(parseConfig(soundConfig(), { now }));
    const objects = documents.filter(({ kind }) => kind !== undefined);
    assert.deepEqual(objects.map(manifestKey).sort(), manifestsOf(plan).map(manifestKey).sort());
    assert.deepEqual(
      documents.filter(({ kind }) => kind === undefined),
      [plan.mesh!.base, plan.mesh!.istiod],
    );
    assert.match(stdout, /^# mesh: Release istio-system\/istiod \(what Helm is given; its objects are the chart's\)$/m);
    assert.match(
      stdout,
      /^# destination github: security\.istio\.io\/v1\/AuthorizationPolicy istio-egress\/allow-github$/m,
    );
  });

  it("gives the same as JSON", async () => {
    const resources = JSON.parse((await render("--json")).stdout) as any[];
    assert.deepEqual(Object.keys(resources[0]), ["provider", "owner", "type", "name", "inputs"]);
    const gateway = resources.find(
      ({ type, owner }) => type === "apps/v1/Deployment" && owner === "gateway egress-gateway",
    );
    assert.equal(gateway.name, "istio-egress/egress-gateway");
    assert.equal(gateway.inputs.spec.replicas, 2);
  });

  it("shows nothing of what is encrypted", async () => {
    write({
      ...soundConfig(),
      workloads: {
        ...(soundConfig().workloads as object),
        hammer: { namespace: "istio-workload", image: "i", env: { TOKEN: { secure: "AAABcipher" } } },
      },
    });
    const { stdout } = await render();
    assert.doesNotMatch(stdout, /cipher/);
    assert.match(stdout, /value: "\[secret\]"/);
  });

  it("quotes what older YAML readers, Kubernetes' among them, would take for something else", async () => {
    const env = { A: "on", B: "no", C: "0777", D: "2027-06-30", E: "1e3", F: "~", G: "12:30:45" };
    const workloads = { hammer: { namespace: "istio-workload", image: "i", env } };
    write({ ...soundConfig(), workloads, allow: [] });
    const { stdout } = await render();
    for (const value of Object.values(env)) {
      assert.ok(stdout.includes(`value: "${value}"`), value);
    }
  });

  it("writes a file for each resource, and replaces what it wrote before", async () => {
    const out = path.join(folder(), "out");
    const { exitCode, stdout } = await render("--out", out);
    assert.equal(exitCode, 0);
    const files = filesIn(out);
    assert.equal(stdout, `${files.length} resources written to ${out}.\n`);
    const entry = path.join("kubernetes", "destination.github", "ServiceEntry.istio-egress.github.hosts.yaml");
    assert.ok(files.includes(entry), files.join("\n"));
    assert.ok(files.includes(path.join("helm", "mesh", "Release.istio-system.istiod.yaml")));
    assert.deepEqual(parse(fs.readFileSync(path.join(out, entry), "utf8")).spec.hosts, ["github.com"]);

    await render("--out", out);
    assert.deepEqual(filesIn(out), files);
    write({ ...soundConfig(), allow: [] });
    await render("--out", out);
    assert.deepEqual(
      files.filter((file) => !filesIn(out).includes(file)),
      files.filter((file) => file.includes("destination.github")),
    );
    assert.ok(!fs.existsSync(path.join(out, "kubernetes", "destination.github")));
  });

  it("touches no folder that holds something else, and ends with 2", async () => {
    const out = path.join(folder(), "out");
    await render("--out", out);
    fs.writeFileSync(path.join(out, "notes.yaml"), "mine: true\n");
    const before = filesIn(out);
    write({ ...soundConfig(), allow: [] });
    const { exitCode, stderr } = await render("--out", out);
    assert.equal(exitCode, 2);
    assert.match(stderr, /notes\.yaml was not rendered/);
    assert.deepEqual(filesIn(out), before);
  });

  it("ends with 2 for two forms at once and for no stack, and with 1 for a configuration that is not sound", async () => {
    assert.equal((await render("--json", "--out", folder())).exitCode, 2);
    assert.equal((await runCommand(register, "render", "nope", "--stacks", folder())).exitCode, 2);
    write({ alow: [] });
    assert.match((await render()).stderr, /istio-egress:alow/);
    assert.equal((await render()).exitCode, 1);
  });
});

describe("egress render of a stack that makes its cluster", () => {
  it("has what it makes in Google Cloud, and says what only Google can tell", () => {
    // In a process of its own: the program is run, and Pulumi's SDK keeps what it was told.
    const egress = path.join(__dirname, "../../../cli/egress.js");
    write({ ...soundConfig(), cluster: soundGke });
    const args = ["render", "shop", "--json", "--stacks", folder()];
    const { status, stdout } = spawnSync(process.execPath, [egress, ...args], { encoding: "utf8" });
    assert.equal(status, 0);
    const resources = JSON.parse(stdout) as any[];
    const cloud = resources.filter(({ provider }) => provider === "gcp");
    const nat = cloud.find(({ type }) => type === "gcp:compute/routerNat:RouterNat");
    assert.ok(cloud.length > 20 && resources.length > cloud.length);
    assert.deepEqual(
      [nat.owner, nat.name, nat.inputs.natIps[0]],
      ["platform-gke-egress", "nat", "[known when it is made]"],
    );
    assert.doesNotMatch(stdout, /__pulumiUnknown|1b47061264138c4ac30d75fd1eb44270/);
    const names = resources.map((resource) => fileName(resource).toLowerCase());
    assert.equal(new Set(names).size, names.length);
  }).timeout(60_000);
});

describe("egress render of another's project", () => {
  /** A project whose program is JavaScript, and brings a Deployment of its own beside a part of the platform. */
  function project(program: string, settings = "runtime: nodejs\nmain: program\n"): void {
    fs.writeFileSync(path.join(folder(), "Pulumi.yaml"), `name: shop\nconfig: {suffix: "-a"}\n${settings}`);
    const config = { "istio-egress:namespaces": { shop: {} }, replicas: 3, "shop:key": { secure: "AAABcipher" } };
    fs.writeFileSync(path.join(folder(), "Pulumi.dev.yaml"), stringify({ config }));
    fs.mkdirSync(path.join(folder(), "program"), { recursive: true });
    fs.writeFileSync(path.join(folder(), "program", "index.js"), program);
    fs.symlinkSync(path.resolve(__dirname, "../../../node_modules"), path.join(folder(), "node_modules"));
  }

  const rendered = () => runCommand(register, "render", "dev", "--json", "--stacks", folder());

  it("shows what the program makes, by the configuration that it is given, and nothing else", async () => {
    project(`
      const pulumi = require("@pulumi/pulumi");
      const k8s = require("@pulumi/kubernetes");
      const config = new pulumi.Config();
      const name = "web" + config.require("suffix");
      console.log("noise");
      new k8s.apps.v1.Deployment("web", {
        metadata: { name, namespace: "shop", annotations: { at: process.cwd(), replicas: config.require("replicas") } },
        spec: { template: { metadata: { labels: { key: config.requireSecret("key") } } } },
      });
      const parent = new pulumi.ComponentResource("any:index:Component", "part");
      new k8s.core.v1.Namespace("part/shop", { metadata: { name: "shop" } }, { parent });
      new k8s.helm.v3.Release("cache", { chart: "redis", name: "cache", namespace: "shop" });
    `);
    const { exitCode, stdout, stderr } = await rendered();
    assert.equal(exitCode, 0, stderr);
    const resources = JSON.parse(stdout) as any[];
    assert.deepEqual(
      resources.map(({ provider, owner, type, name }) => [provider, owner, type, name].join(" ")),
      [
        "kubernetes namespace shop v1/Namespace shop",
        "helm program Release shop/cache",
        "kubernetes program apps/v1/Deployment shop/web-a",
      ],
    );
    const { metadata, spec } = resources.at(-1).inputs;
    assert.deepEqual(metadata.annotations, { at: fs.realpathSync(path.join(folder(), "program")), replicas: "3" });
    assert.equal(spec, "[secret]");
    assert.doesNotMatch(stdout, /cipher/);
  }).timeout(60_000);

  it("says why a program cannot be run, and ends with 1", async () => {
    for (const [program, settings, message] of [
      ['throw new Error("no luck");', undefined, /cannot be run to see what it makes:.*no luck/s],
      ["", "runtime: python\n", /its runtime is python/],
      ["", "runtime: nodejs\nmain: elsewhere\n", /there is no .*elsewhere, which is the "main" of/],
    ] as const) {
      project(program, settings);
      const { exitCode, stdout, stderr } = await rendered();
      assert.deepEqual([exitCode, stdout], [1, ""]);
      assert.match(stderr, message);
      fs.unlinkSync(path.join(folder(), "node_modules"));
    }
  }).timeout(60_000);

  it("says what is missing where nothing is installed", async () => {
    project("");
    fs.unlinkSync(path.join(folder(), "node_modules"));
    assert.match((await rendered()).stderr, /@pulumi\/pulumi is not installed there/);
  });
});

describe("what is rendered of any allowlist", () => {
  const rendered = (raw: unknown) =>
    canonicalResources(planResources(planStack(parseConfig(raw as Record<string, unknown>, { now }))));

  it("does not depend on the order of keys, rules or hosts", () => {
    fc.assert(
      fc.property(allowlists, (allowlist) => {
        const values = { pilot: { env: { B: "1", A: "2" } }, global: {} };
        const raw = { ...rawConfig(allowlist), mesh: { values } };
        const [one, other] = [rendered(raw), rendered(reversed(raw, ["allow", "hosts", "protocols"]))];
        assert.equal(toStream(other), toStream(one));
        assert.equal(JSON.stringify(other), JSON.stringify(one));
      }),
      { numRuns: 30 },
    );
  });

  it("has a file name of its own for each resource, in any case of letters", () => {
    fc.assert(
      fc.property(allowlists, (allowlist) => {
        const resources = planResources(planStack(parseConfig(rawConfig(allowlist), { now })));
        const names = resources.map((resource) => fileName(resource).toLowerCase());
        assert.equal(new Set(names).size, names.length);
      }),
      { numRuns: 30 },
    );
  });
});
