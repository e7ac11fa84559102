// Does not prove how the engine writes a stack's file or encrypts it: tests/lab runs the real one.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readStackConfig } from "../../../components";
import { ConfigError, parseConfig } from "../../../model";
import { labConfig, labSettings, today, warningsOf } from "./register";

/** Hands settings over as the engine does: text as it is, everything else as JSON. */
function configure(settings: Record<string, unknown>, encrypted: string[] = []): void {
  const keys = Object.entries(settings).map(([key, value]) => [
    `istio-egress:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const others = { "kubernetes:namespace": "elsewhere", "istio-egress-extra:allow": "[]" };
  pulumi.runtime.setAllConfig(
    { ...others, ...Object.fromEntries(keys) },
    encrypted.map((key) => `istio-egress:${key}`),
  );
}

/** Name of the file that the stack is read from. */
const stackFile = () => `Pulumi.${pulumi.getStack()}.yaml`;

/** Runs something in a project of these files, as the language host would. */
function inProject(files: Record<string, string>, run: () => void): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-project-"));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  const before = process.cwd();
  process.chdir(folder);
  try {
    run();
  } finally {
    process.chdir(before);
    fs.rmSync(folder, { recursive: true });
  }
}

/** A stack's file with one field of each workload encrypted. */
function inStack(workloads: Record<string, object>, field: string): string {
  const encrypted = Object.entries(workloads).map(([name, settings]) => [
    name,
    { ...settings, [field]: { secure: "AAABcipher" } },
  ]);
  return JSON.stringify({ config: { "istio-egress:workloads": Object.fromEntries(encrypted) } });
}

function refusal(): Error {
  try {
    readStackConfig(today);
  } catch (error) {
    return error as Error;
  }
  return assert.fail("the configuration was accepted");
}

function modelsWords(settings: Record<string, unknown>): string {
  try {
    parseConfig(settings, { now: today });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return assert.fail("the model accepts the configuration");
}

describe("readStackConfig", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("reads the stack's own keys, and no other project's", () => {
    configure(labSettings());
    assert.deepEqual(readStackConfig(today), { config: labConfig(), secretKeys: [] });
  });

  for (const [title, broken] of Object.entries({
    "an unknown key": { alow: [] },
    "a wrong type": { destinations: ["github.com"] },
    "a text in place of a list": { allow: "test-app/app-a -> github" },
    "an unknown workload": { allow: [{ from: "test-app/app-z", to: "github" }] },
    "several mistakes at once": {
      allow: [{ from: "nobody", to: "nowhere", expires: "yesterday" }],
      deny: ["GitHub .com"],
    },
  })) {
    it(`refuses ${title} in the model's own words, without a stack trace`, () => {
      const settings = { ...labSettings(), ...broken };
      configure(settings);
      const error = refusal();
      assert.ok(pulumi.RunError.isInstance(error));
      assert.equal(error.message, modelsWords(settings));
    });
  }

  it("takes a date without quotes, which the engine rewrites", () => {
    const rule = { from: "test-app/app-a", to: "github", expires: "2027-06-30 00:00:00 +0000 UTC" };
    configure({ ...labSettings(), allow: [rule] });
    assert.equal(readStackConfig(today).config.allow[0]?.expires, "2027-06-30");
  });

  it("holds rules against the day it is given", () => {
    configure({ ...labSettings(), allow: [{ from: "test-app/app-a", to: "github", expires: "2026-10-01" }] });
    assert.equal(readStackConfig(new Date("2026-10-01T23:59:59Z")).config.allow.length, 1);
    const { allow, expired } = readStackConfig(new Date("2026-10-02T00:00:00Z")).config;
    assert.deepEqual([allow, expired.map(({ path }) => path)], [[], ["istio-egress:allow[0]"]]);
  });

  it("lets the platform warn of rules that have expired, and make nothing of them", async () => {
    const rule = { from: "test-app/app-a", to: "github", owner: "team-a", expires: "2026-10-01" };
    const at = (now: string) => {
      configure({ ...labSettings(), allow: [rule] });
      return warningsOf(readStackConfig(new Date(now)).config);
    };
    assert.deepEqual(await at("2026-10-01T12:00:00Z"), []);
    const [warning, ...more] = await at("2026-10-02T12:00:00Z");
    assert.match(warning!, /^istio-egress:allow\[0\] has expired: test-app\/app-a → github .*owner: team-a/);
    assert.deepEqual(more, []);
  });

  it("tells which keys are encrypted", () => {
    configure(labSettings(), ["workloads", "mesh"]);
    assert.deepEqual(readStackConfig(today).secretKeys, ["mesh", "workloads"]);
  });

  it("refuses an encrypted allowlist, without showing it", () => {
    configure(labSettings(), ["allow", "destinations", "workloads"]);
    const error = refusal();
    assert.ok(pulumi.RunError.isInstance(error));
    assert.match(error.message, /istio-egress:allow\n {4}Encrypted, /);
    assert.match(error.message, /istio-egress:destinations\n {4}Encrypted, /);
    assert.doesNotMatch(error.message, /istio-egress:workloads\n/);
    assert.doesNotMatch(error.message, /github/);
  });

  it("shows nothing of what is encrypted, and a mistake beside it as it is", () => {
    const workloads = { "app-a": { namespace: "test-app", image: "i", port: "hunter2", env: { LEVEL: 5 } } };
    inProject({ "Pulumi.yaml": "name: istio-egress\n", [stackFile()]: inStack(workloads, "port") }, () => {
      configure({ ...labSettings(), workloads, allow: [] }, ["workloads"]);
      const { message } = refusal();
      assert.doesNotMatch(message, /hunter2/);
      assert.match(message, /istio-egress:workloads\.app-a\.port: "\[secret\]"/);
      assert.match(message, /istio-egress:workloads\.app-a\.env\.LEVEL: 5/);
    });
    configure({ ...labSettings(), workloads, allow: [] }, ["workloads"]);
    assert.match(refusal().message, /env\.LEVEL: "\[secret\]"/, "without a file all of the key is hidden");
  });

  it("refuses a base whose name is encrypted, without showing it", () => {
    configure({ ...labSettings(), extends: "hunter2" }, ["extends"]);
    assert.match(refusal().message, /istio-egress:extends\n {4}Encrypted, /);
    assert.doesNotMatch(refusal().message, /hunter2/);
    configure({ ...labSettings(), extends: "hunter2" });
    assert.match(refusal().message, /istio-egress:extends: "hunter2"/);
  });

  it("quotes a number as it is in the file, where there is one, and says what is lost where there is none", () => {
    const [mesh, files] = [{ version: 1.1 }, { "Pulumi.yaml": "name: istio-egress\n" }];
    const written = "config: {istio-egress:mesh: {version: 1.10}}\n";
    inProject({ ...files, [stackFile()]: written }, () => {
      configure({ mesh });
      assert.match(refusal().message, /put it in quotes: "1\.10"/);
    });
    configure({ mesh });
    assert.match(refusal().message, /put it in quotes as it is in the file/);
  });

  for (const [where, project, base] of [
    ["its own folder", "name: istio-egress\n", "base.yaml"],
    [
      "the folder that its project names",
      "name: istio-egress\nstackConfigDir: deploy/egress\n",
      "deploy/egress/base.yaml",
    ],
  ] as const) {
    it(`finds the base that a stack extends in ${where}, as the commands do`, () => {
      const text = "config: {istio-egress:deny: [bbc.com]}\n";
      const { deny, ...settings } = labSettings();
      const read = () => {
        configure({ ...settings, extends: "base" });
        return readStackConfig(today).config.deny.map(({ host }) => host);
      };
      assert.ok(Array.isArray(deny));
      inProject({ "Pulumi.yaml": project, [base]: text }, () => assert.deepEqual(read(), ["bbc.com"]));
      inProject({ "Pulumi.yaml": project, "elsewhere/base.yaml": text }, () =>
        assert.throws(read, /No file base\.yaml/),
      );
    });
  }
});
