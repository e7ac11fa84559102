// Rulesets against NetworkPolicy's documentation, over random worlds. Does not prove what the kernel makes of the text.
import assert from "node:assert/strict";
import fc from "fast-check";
import { podRules } from "../../../../lab/netpol/policy";
import { ruleset } from "../../../../lab/netpol/ruleset";
import { interpret } from "./interpreter";
import { oracleAllows } from "./oracle";
import { flowsOf, protocols, worldOf } from "./worlds";

const world = worldOf(0x0af4000c);
const outside = [0x0a0a0004, 0xcb007105, 0x08080808];
const ports = [53, 79, 80, 81, 443, 444, 8080];

describe("netpol rulesets", () => {
  it("let through exactly what the policies allow", () => {
    fc.assert(
      fc.property(world, (given) => {
        const passes = interpret(ruleset(podRules(given), "10.244.0.0/24"));
        const claims = given.pods.flatMap(({ address }) => address ?? []);
        const known = claims.filter((address) => claims.filter((other) => other === address).length === 1);
        for (const flow of flowsOf([...known, ...outside], protocols, ports)) {
          assert.equal(passes(flow), oracleAllows(given, flow), JSON.stringify(flow));
        }
      }),
      { numRuns: 500 },
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
