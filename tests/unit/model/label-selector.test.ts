// Label selectors by example. Does not prove that the API server matches alike; its documentation is the source.
import assert from "node:assert/strict";
import { LabelSelector, selectorMatches } from "../../../model/ground/label-selector";

const web = { app: "web", tier: "front" };

const matching: [string, LabelSelector][] = [
  ["nothing asked", {}],
  ["a label", { matchLabels: { app: "web" } }],
  ["In", { matchExpressions: [{ key: "app", operator: "In", values: ["api", "web"] }] }],
  ["NotIn another value", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["api"] }] }],
  ["NotIn on a key that is absent", { matchExpressions: [{ key: "zone", operator: "NotIn", values: ["a"] }] }],
  ["Exists", { matchExpressions: [{ key: "tier", operator: "Exists" }] }],
  ["DoesNotExist", { matchExpressions: [{ key: "zone", operator: "DoesNotExist" }] }],
  [
    "a label and an expression",
    { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "Exists" }] },
  ],
];

const failing: [string, LabelSelector][] = [
  ["another value", { matchLabels: { app: "api" } }],
  ["one label of two", { matchLabels: { app: "web", tier: "back" } }],
  ["In without the value", { matchExpressions: [{ key: "app", operator: "In", values: ["api"] }] }],
  ["In on a key that is absent", { matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] }],
  ["NotIn", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }],
  ["Exists", { matchExpressions: [{ key: "zone", operator: "Exists" }] }],
  [
    "Exists on what every JavaScript object inherits",
    { matchExpressions: [{ key: "constructor", operator: "Exists" }] },
  ],
  ["DoesNotExist", { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] }],
  ["labels right, expression wrong", { matchLabels: web, matchExpressions: [{ key: "zone", operator: "Exists" }] }],
];

describe("label selectors", () => {
  for (const [what, selector] of matching) {
    it(`match: ${what}`, () => assert.equal(selectorMatches(selector, web), true));
  }
  for (const [what, selector] of failing) {
    it(`do not match: ${what}`, () => assert.equal(selectorMatches(selector, web), false));
  }
});
