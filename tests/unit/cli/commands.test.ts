// `egress check` and `egress matrix` as they are called: what they print, and how they end.
// Does not prove: that cli/main.ts hands the exit codes on; nor calls from pods, which the lab's tests make.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Command } from "commander";
import { largeSettings } from "../../../bench/large-stack";
import * as check from "../../../cli/commands/check";
import * as matrix from "../../../cli/commands/matrix";
import { ConfigError, parseConfig } from "../../../model";
import { now, soundConfig } from "../model/config/sound-config";
import { Ended, runCommand } from "./run-command";

const sound = {
  ...soundConfig(),
  namespaces: { "test-app": { ingress: {} }, "istio-workload": { ingress: {} } },
  destinations: { github: { hosts: ["github.com"] }, httpbin: { hosts: ["httpbin.org"] } },
  gateways: { "egress-own": { destinations: ["github"] } },
  outside: { "svc-foo": { namespace: "istio-workload", addresses: ["10.10.0.4"], via: "service" } },
};
const bad = { namespaces: { "kube-x": {} }, alow: [] };

let folder: string;

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-stacks-"));
  writeStack("bad", bad);
  writeStack("sound", sound);
  const gateways = { "egress-own": { destinations: ["github", "httpbin"] } };
  const service = sound.outside["svc-foo"];
  writeStack("apart", { ...sound, gateways, outside: { "svc-foo": service, "svc-bar": service } });
  fs.writeFileSync(path.join(folder, "Pulumi.broken.yaml"), "config: [\n");
});

function writeStack(name: string, keys: Record<string, unknown>): void {
  const config = Object.fromEntries(Object.entries(keys).map(([key, value]) => [`istio-egress:${key}`, value]));
  fs.writeFileSync(path.join(folder, `Pulumi.${name}.yaml`), JSON.stringify({ config }));
}

after(() => fs.rmSync(folder, { recursive: true }));

function run(...argv: string[]): Promise<Ended> {
  const register = (program: Command) => {
    check.register(program);
    matrix.register(program);
  };
  return runCommand(register, ...argv);
}

describe("egress check", () => {
  it("says in one line that a stack is sound", async () => {
    assert.deepEqual(await run("check", "lab"), {
      exitCode: 0,
      stdout: "Stack lab is sound: 3 workloads, 3 destinations, 4 hosts, 3 rules.\n",
      stderr: "",
    });
    assert.deepEqual(await run("check", "lab", "--json"), { exitCode: 0, stdout: "[]\n", stderr: "" });
  });

  it("warns of a host that rules may allow and no gateway reaches, and ends with 0", async () => {
    const metadata = { hosts: ["metadata.google.internal"] };
    writeStack("inside", { ...sound, destinations: { ...sound.destinations, metadata } });
    const { exitCode, stdout } = await run("check", "inside", "--stacks", folder);
    assert.equal(exitCode, 0);
    const [first, second, ...others] = stdout.trimEnd().split("\n");
    assert.match(first!, /^Stack inside is sound: /);
    assert.match(
      second!,
      /^Warning: istio-egress:destinations\.metadata\.hosts: .*metadata\.google\.internal.*link-local/,
    );
    assert.deepEqual(others, []);
    const [warning] = JSON.parse((await run("check", "inside", "--stacks", folder, "--json")).stdout) as object[];
    assert.deepEqual(warning, {
      path: "istio-egress:destinations.metadata.hosts",
      value: "metadata.google.internal",
      problem:
        "Rules may allow metadata.google.internal, but no gateway ever reaches it: it is the cloud's metadata server, at a link-local address",
      fix: "remove it; Google's, on GKE, is a destination with kind: google-metadata, and no other is granted",
      severity: "warning",
    });
  });

  it("counts gateways and services beside the mesh where there are some, the gateway that others share among them", async () => {
    const { stdout } = await run("check", "sound", "--stacks", folder);
    const [shared, beside] = ["2 gateways", "1 service beside the mesh"];
    assert.equal(stdout, `Stack sound is sound: 2 workloads, 2 destinations, 2 hosts, ${shared}, ${beside}, 1 rule.\n`);
    const apart = await run("check", "apart", "--stacks", folder);
    assert.match(apart.stdout, / 2 hosts, 1 gateway, 2 services beside the mesh, 1 rule\.\n$/);
  });

  it("prints all problems in the model's words and ends with 1", async () => {
    const { exitCode, stdout } = await run("check", "bad", "--stacks", folder);
    assert.equal(exitCode, 1);
    assert.throws(() => parseConfig(bad, { now }), { constructor: ConfigError, message: stdout.trimEnd() });
  });

  it("gives the problems as JSON", async () => {
    const { exitCode, stdout } = await run("check", "bad", "--stacks", folder, "--json");
    assert.equal(exitCode, 1);
    assert.deepEqual(
      (JSON.parse(stdout) as { path: string }[]).map((problem) => problem.path),
      ["istio-egress:alow", "istio-egress:namespaces.kube-x"],
    );
  });

  it("names a rule that has expired beside what it warns of, and ends with 1; on its last day it does not", async () => {
    const rule = { from: "test-app/app-a", to: "github", owner: "team-a" };
    const today = new Date().toISOString().slice(0, 10);
    writeStack("last-day", { ...sound, allow: [{ ...rule, expires: today }] });
    assert.equal((await run("check", "last-day", "--stacks", folder)).exitCode, 0);
    const soon = new Date(Date.now() + 5 * 24 * 3600_000).toISOString().slice(0, 10);
    writeStack("late", {
      ...sound,
      allow: [
        { ...rule, expires: "2020-01-31" },
        { ...rule, to: "httpbin", expires: soon },
      ],
    });
    const { exitCode, stdout } = await run("check", "late", "--stacks", folder);
    assert.equal(exitCode, 1);
    assert.match(
      stdout,
      /istio-egress:allow\[0\]\.expires: "2020-01-31"\n +The rule has expired.*\n +Fix: .*team-a\.\n\nWarning: istio-egress:allow\[1\]\.expires: .*\n$/,
    );
    const json = JSON.parse((await run("check", "late", "--stacks", folder, "--json")).stdout) as object[];
    assert.deepEqual(
      json.map((problem) => Object.keys(problem)),
      [
        ["path", "value", "problem", "fix", "severity"],
        ["path", "value", "problem", "fix", "severity"],
      ],
    );
    const matrix = await run("matrix", "late", "--stacks", folder);
    assert.match(matrix.stdout, / 2 to be allowed and /);
  });

  it("shows nothing that is encrypted, and says what no command can read", async () => {
    const workloads = { app: { namespace: "test-app", image: "i", port: { secure: "AAABcipher" } } };
    writeStack("secret", { ...sound, workloads, outside: {}, allow: [] });
    const { exitCode, stdout } = await run("check", "secret", "--stacks", folder);
    assert.equal(exitCode, 1);
    assert.match(stdout, /workloads\.app\.port: "\[secret\]"\n +Encrypted, so that no command can read it/);
    assert.doesNotMatch(stdout, /cipher/);
  });

  it("says what of a stack it cannot see, and does not call a stack sound of which it sees nothing", async () => {
    const file = path.join(folder, "Pulumi.esc.yaml");
    fs.writeFileSync(file, "environment: [prod]\n");
    const nothing = await run("check", "esc", "--stacks", folder);
    assert.equal(nothing.exitCode, 1);
    assert.match(nothing.stdout, /1 problem\.\n\n {2}environment: \["prod"\]\n +Pulumi ESC adds configuration/);
    const config = Object.fromEntries(Object.entries(sound).map(([key, value]) => [`istio-egress:${key}`, value]));
    fs.writeFileSync(file, JSON.stringify({ environment: ["prod"], config }));
    const some = await run("check", "esc", "--stacks", folder);
    assert.equal(some.exitCode, 0);
    assert.match(some.stdout, /^Stack esc is sound as far as its file goes: .*\nWarning: environment: Pulumi ESC adds/);
    const json = JSON.parse((await run("check", "esc", "--stacks", folder, "--json")).stdout) as { severity: string }[];
    assert.deepEqual(
      json.map(({ severity }) => severity),
      ["warning"],
    );
    assert.match((await run("matrix", "esc", "--stacks", folder)).stderr, /^Warning: environment: Pulumi ESC/);
    fs.rmSync(file);
  });

  it("ends with 1 for a file that is no YAML", async () => {
    const { exitCode, stderr } = await run("check", "broken", "--stacks", folder);
    assert.equal(exitCode, 1);
    assert.match(stderr, /Pulumi\.broken\.yaml:2:1: not valid YAML/);
  });

  it("ends with 2 for a stack that is not there, and names those that are", async () => {
    const { exitCode, stderr } = await run("check", "nope", "--stacks", folder);
    assert.equal(exitCode, 2);
    assert.match(stderr, /no stack "nope".*Stacks: apart, bad, broken, inside, last-day, late, secret, sound\./);
  });
});

describe("egress matrix", () => {
  it("shows the model's verdicts without asking a cluster", async () => {
    const { exitCode, stdout } = await run("matrix", "lab");
    assert.equal(exitCode, 0);
    assert.match(stdout, /30 calls, 8 to be allowed and 22 to be denied\.\n$/);
    const widest = Math.max(...stdout.split("\n").map((line) => line.length));
    assert.ok(widest <= 120, `${widest} columns`);
  });

  it("gives the verdicts as JSON", async () => {
    const cells = JSON.parse((await run("matrix", "lab", "--json")).stdout) as Record<string, unknown>[];
    const fields = ["from", "url", "expected", "seen", "ok", "rule"];
    assert.equal(cells.filter(({ into }) => into === undefined).length, 30);
    assert.deepEqual(Object.keys(cells[0]!), fields);
    assert.deepEqual(Object.keys(cells.at(-1)!), [...fields, "into", "ports"]);
  });

  it("shows a part of it", async () => {
    const { exitCode, stdout } = await run("matrix", "lab", "--from", "test-app/*", "--to", "github", "--denied");
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /^FROM .*\ntest-app\/app-b +github\.com +deny +deny\n\n2 calls, 0 to be allowed and 2 to be denied\.\n$/,
    );
  });

  it("shows who may open connections to guarded pods, by itself where nothing else is asked for", async () => {
    const { exitCode, stdout } = await run("matrix", "lab", "--to", "test-app/*");
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      [
        "CALLER              PODS OF   ON          CONNECTION  LET IN BY",
        "guarded namespaces  test-app  every port  allow",
        "anybody else        test-app  every port  deny",
        "",
        "Into guarded pods: 2 kinds of connections, 1 to be let in and 1 to be refused.",
        "",
      ].join("\n"),
    );
  });

  it("ends with 2 for a workload or a host that is not there", async () => {
    for (const option of ["--from", "--to"]) {
      const { exitCode, stderr } = await run("matrix", "lab", option, "nope");
      assert.equal(exitCode, 2);
      assert.match(stderr, /^The stack has no .* "nope"\.\nAllowed: /);
    }
  });

  it("makes no more calls than anybody would wait for, and says how to choose some", async () => {
    writeStack("large", largeSettings({ workloads: 60, destinations: 10, hosts: 100, rules: 10 }));
    const { exitCode, stdout, stderr } = await run("matrix", "large", "--stacks", folder, "--live");
    assert.deepEqual([exitCode, stdout], [2, ""]);
    // There is no cluster to ask what is granted beside the file, which is said before.
    assert.match(stderr, /^12130 calls would be made, and 10000 are the most at a time\.\nFix: .*--from/m);
  });

  it("says what is wrong with the configuration instead", async () => {
    const { exitCode, stdout, stderr } = await run("matrix", "bad", "--stacks", folder);
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.match(stderr, /^The stack's configuration has 2 problems\.\n\n {2}istio-egress:alow: /);
  });
});
