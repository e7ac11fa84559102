// What is said of who makes a granted workload's pods.
// Does not prove: that the API server refuses others; the lab's admission test asks it.
import assert from "node:assert/strict";
import { manifestKey, parseConfig, planStack } from "../../../../model";
import { explain, readCall, Step } from "../../../../model/explain";
import { manifestsOf } from "../../../property/allowlists";
import { now, soundConfig } from "../config/sound-config";

function wayOf(admission: object, url = "https://github.com"): { way: Step[]; planned: Set<string> } {
  const config = parseConfig({ ...soundConfig(), admission }, { now });
  const check = readCall(url);
  assert.ok("call" in check);
  const { way } = explain(config, "test-app/app-a", check.call);
  return { way, planned: new Set(manifestsOf(planStack(config)).map(manifestKey)) };
}

describe("an explanation, with admission", () => {
  it("begins with who makes the pods, by policies that are planned", () => {
    const owners = { "test-app/app-a": { users: ["argocd"], groups: ["team-a"] } };
    const { way, planned } = wayOf({ mode: "deny", owners });
    assert.match(way[0]!.what, /the platform, or argocd, group team-a, with.*refuses its ServiceAccount to others/);
    assert.deepEqual(
      way[0]!.by.filter((key) => !planned.has(key)),
      [],
    );
    assert.equal(way[0]!.by.length, 2);
  });

  it("says that others are warned only, with warn", () => {
    assert.match(wayOf({ mode: "warn" }).way[0]!.what, /warns others/);
  });

  it("says nothing of it where it is off, nor of a call that is refused", () => {
    assert.equal(wayOf({}).way[0]!.at, "the sidecar of test-app/app-a");
    assert.equal(wayOf({ mode: "deny" }, "https://other.example").way[0]!.at, "the sidecar of test-app/app-a");
  });
});
