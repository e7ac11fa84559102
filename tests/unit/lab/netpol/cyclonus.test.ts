// The lab's enforcer held against cyclonus' cases: what its rules mean, flow by flow, against what cyclonus' matcher says.
// Does not prove what a kernel makes of the rules: tests/lab/netpol.test.ts sends the calls.
import assert from "node:assert/strict";
import { podRules } from "../../../../lab/netpol/policy";
import { ruleset } from "../../../../lab/netpol/ruleset";
import { cyclonusCases } from "./cyclonus";
import { interpret } from "./interpreter";
import { oracleAllows } from "./oracle";

describe("netpol and cyclonus", () => {
  const cases = cyclonusCases();

  it("reads all of them, with calls that pass and calls that do not", () => {
    const flows = cases.flatMap(({ steps }) => steps.flatMap((step) => step.flows));
    const allowed = flows.filter((flow) => flow.allowed).length;
    assert.deepEqual([cases.length, cases.flatMap(({ steps }) => steps).length], [230, 256]);
    assert.ok(allowed > 10_000 && flows.length - allowed > 10_000, `${allowed} of ${flows.length}`);
  });

  it("agree on every call of every step", () => {
    for (const [index, { what, steps }] of cases.entries()) {
      for (const { world, flows } of steps) {
        const lets = interpret(ruleset(podRules(world), "10.244.0.0/24"));
        const wrong = flows.filter((flow) => lets(flow) !== flow.allowed || oracleAllows(world, flow) !== flow.allowed);
        assert.deepEqual(wrong, [], `case ${index}, ${what}`);
      }
    }
  });
});
