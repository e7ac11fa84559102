// What runs already and admission would refuse: the doctor reads it by lists that it shares with the configuration, and the
// API server by expressions. Both are held against the same attacks, here and in tests/lab/admission.test.ts.
import assert from "node:assert/strict";
import { podRules } from "../../../../model/ground/admission";
import { ofTemplate } from "../../../../model/doctor/checks/admission";
import { attacks } from "../../../lab/admission/attacks";
import { ordinary } from "../../../lab/admission/ordinary";

const registries = ["lab.istio-egress.local"];

/** Rules that refuse the template of an object that makes pods; undefined for one that makes none. */
function rulesOf({ kind, metadata, spec }: Record<string, any>): string[] | undefined {
  const template =
    kind === "Pod" ? { metadata, spec } : kind === "CronJob" ? spec.jobTemplate.spec.template : spec?.template;
  return template === undefined ? undefined : ofTemplate(template, registries).map(({ rule }) => rule);
}

describe("what admission would refuse of what runs", () => {
  const ofTemplates = attacks.filter(({ rule }) => rule.split("|").some((each) => podRules.includes(each as never)));

  it("is held against every attack on pods", () => assert.ok(ofTemplates.length > 60, String(ofTemplates.length)));

  for (const { what, rule, refused, allowed } of ofTemplates) {
    it(`${what} is found by its rule (${rule}), and its twin is not`, () => {
      assert.ok(
        rulesOf(refused)?.some((found) => rule.split("|").includes(found)),
        JSON.stringify(rulesOf(refused)),
      );
      assert.deepEqual(rulesOf(allowed), []);
    });
  }

  for (const [what, object] of ordinary) {
    it(`nothing is found of ${what}`, () => assert.deepEqual(rulesOf(object) ?? [], []));
  }
});
