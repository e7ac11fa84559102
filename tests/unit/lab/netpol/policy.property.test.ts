// Rulesets against NetworkPolicy's documentation, over random worlds. Does not prove what the kernel makes of the text.
import assert from "node:assert/strict";
import fc from "fast-check";
import { podRules } from "../../../../lab/netpol/policy";
import { ruleset } from "../../../../lab/netpol/ruleset";
import { interpret } from "./interpreter";
import { flowsOf, world } from "./worlds";
import { oracleAllows } from "./oracle";

describe("netpol rulesets", () => {
  it("let through exactly what the policies allow", () => {
    fc.assert(
      fc.property(world, (given) => {
        const passes = interpret(ruleset(podRules(given), "10.244.0.0/24"));
        for (const flow of flowsOf(given)) {
          // A pod cannot be kept from itself; that is a rule of the forward chain and no policy's.
          if (flow.from !== flow.to) assert.equal(passes(flow), oracleAllows(given, flow), JSON.stringify(flow));
        }
      }),
      { numRuns: 300 },
    );
  }).timeout(30_000);

  it("do not depend on the order of pods and namespaces", () => {
    fc.assert(
      fc.property(world, (given) => {
        const reversed = { ...given, pods: [...given.pods].reverse(), namespaces: [...given.namespaces].reverse() };
        assert.equal(ruleset(podRules(reversed), "10.244.0.0/24"), ruleset(podRules(given), "10.244.0.0/24"));
      }),
    );
  });
});
