// What becomes of a rule after its last day. Does not prove that the way is closed on a cluster: that is one `up` away.
import assert from "node:assert/strict";
import { expiryProblems, expiryWarnings, parseConfig, planStack, StackConfig, verdicts } from "../../../../model";
import { diffStacks } from "../../../../model/diff";
import { explain, readCall } from "../../../../model/explain";
import { manifestsOf } from "../../../property/allowlists";
import { soundConfig } from "./sound-config";

const appA = "test-app/app-a";
const lastDay = new Date("2026-11-22T23:59:59Z");
const dayAfter = new Date("2026-11-23T00:00:00Z");
const rule = { from: appA, to: "github", owner: "team-a", expires: "2026-11-22" };

function on(now: Date, change: Record<string, unknown> = { allow: [rule] }): StackConfig {
  return parseConfig({ ...soundConfig(), ...change }, { now });
}

function allowedCalls(config: StackConfig): string[] {
  return verdicts(config).flatMap(({ from, url, expected }) => (expected === "allow" ? [`${from} ${url}`] : []));
}

describe("a rule", () => {
  it("holds on its last day, and is dropped from the plan on the next", () => {
    assert.deepEqual(allowedCalls(on(lastDay)), [`${appA} http://github.com`, `${appA} https://github.com`]);
    assert.deepEqual(allowedCalls(on(dayAfter)), []);
    const plan = (config: StackConfig) => JSON.stringify(manifestsOf(planStack(config)));
    assert.notEqual(plan(on(lastDay)), plan(on(dayAfter)));
    assert.equal(plan(on(dayAfter)), plan(on(dayAfter, { allow: [] })), "as if the rule were not there");
  });

  it("leaves the other rules as they are when it expires", () => {
    const other = { from: "istio-workload/hammer", to: "github", expires: "2026-12-31" };
    const both = on(dayAfter, { allow: [rule, other] });
    assert.deepEqual(
      both.allow.map(({ path }) => path),
      ["istio-egress:allow[1]"],
    );
    assert.deepEqual(
      both.expired.map(({ path }) => path),
      ["istio-egress:allow[0]"],
    );
  });

  it("may be followed by a new one for the same edge, which a rule that holds may not be", () => {
    const prolonged = { ...rule, expires: "2027-06-30" };
    const { allow, expired } = on(dayAfter, { allow: [rule, prolonged] });
    assert.deepEqual([allow.length, expired.length], [1, 1]);
    assert.throws(() => on(lastDay, { allow: [rule, prolonged] }), /already/);
  });

  it("is held to what it names after its last day, too", () => {
    assert.throws(() => on(dayAfter, { allow: [{ ...rule, to: "nowhere" }] }), /Not a configured destination/);
  });

  it("of a whole namespace expires as any other", () => {
    const whole = { ...rule, from: "test-app/*" };
    assert.deepEqual(on(dayAfter, { allow: [whole] }).allow, []);
    assert.equal(on(lastDay, { allow: [whole] }).allow.length, 1);
  });

  it("that has expired is named by check, with its owner, and by a warning in every preview", () => {
    const config = on(dayAfter);
    const [problem, ...more] = expiryProblems(config, dayAfter);
    assert.deepEqual(more, []);
    assert.deepEqual([problem!.path, problem!.value], ["istio-egress:allow[0].expires", "2026-11-22"]);
    assert.match(problem!.problem, /test-app\/app-a → github .* today is 2026-11-23$/);
    assert.match(problem!.fix!, /remove the rule, or agree on a later date with team-a/);
    assert.match(expiryWarnings(config).join(), /^istio-egress:allow\[0\] has expired: .*\(owner: team-a\)/);
    assert.deepEqual([expiryProblems(on(lastDay), lastDay), expiryWarnings(on(lastDay))], [[], []]);
  });

  it("that has expired is what explain names where it would have allowed a call", () => {
    const check = readCall("https://github.com");
    assert.ok("call" in check);
    for (const from of [appA, "test-app/*"]) {
      const {
        allowed,
        because,
        rule: nearest,
      } = explain(on(dayAfter, { allow: [{ ...rule, from }] }), appA, check.call);
      assert.equal(allowed, false);
      assert.match(because, /allowed to nobody; istio-egress:allow\[0\] allowed it until 2026-11-22$/);
      assert.equal(nearest?.path, "istio-egress:allow[0]");
    }
    assert.equal(explain(on(lastDay), appA, check.call).allowed, true);
    const other = explain(on(dayAfter), "istio-workload/hammer", check.call);
    assert.match(other.because, /allowed to nobody$/);
  });

  it("is something gained when it is prolonged after it has expired", () => {
    const prolonged = on(dayAfter, { allow: [{ ...rule, expires: "2027-06-30" }] });
    const { grants } = diffStacks(on(dayAfter), prolonged);
    assert.equal(grants.length, 1);
    assert.ok(!("before" in grants[0]!) && "after" in grants[0]!);
  });
});
