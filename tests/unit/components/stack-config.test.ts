// Does not prove how the engine writes a stack's file or encrypts it: tests/lab runs the real one.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { readStackConfig } from "../../../components";
import { ConfigError, parseConfig } from "../../../model";
import { labConfig, labSettings, today } from "./register";

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
    assert.throws(() => readStackConfig(new Date("2026-10-02T00:00:00Z")), pulumi.RunError);
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
});
