// Calls of ServiceAccounts that no workload has, where a rule is for their whole namespace, or it is observed: readers of
// recorded calls say of them what explain says of namespace/*.
import assert from "node:assert/strict";
import { parseConfig, StackConfig } from "../../../../model";
import { decider, parseEntry } from "../../../../model/access-log";
import { CountedCall, Outcome, propose, replay, ruleUses } from "../../../../model/traffic";
import { httpsEntry, refusedHttps } from "../access-log/entries";
import { now, soundConfig } from "../config/sound-config";

const stranger = "spiffe://cluster.local/ns/test-app/sa/cron";

function configOf(changes: Record<string, unknown> = {}): StackConfig {
  return parseConfig({ ...soundConfig(), allow: [{ from: "test-app/*", to: "github" }], ...changes }, { now });
}

function called(host: string, outcome: Outcome = "passed", identity = stranger): CountedCall {
  const at = now.getTime();
  return { identity, protocol: "https", host, calls: 3, outcome, first: at, last: at };
}

const observing = configOf({ namespaces: { "test-app": { mode: "observe" }, "istio-workload": {} } });
const reporting = configOf({ allow: [{ from: "test-app/*", to: "github", mode: "report" }] });

describe("a call of a ServiceAccount that no workload has", () => {
  it("is by the rule of its whole namespace, whose use it is", () => {
    const [use] = ruleUses(configOf(), [called("github.com")]);
    assert.deepEqual([use!.rule.from, use!.calls], ["test-app/*", 3]);
    const [other] = ruleUses(configOf(), [
      called("github.com", "passed", "spiffe://cluster.local/ns/istio-workload/sa/cron"),
      called("github.com", "passed", "spiffe://elsewhere/ns/test-app/sa/cron"),
      called("github.com", "passed", "spiffe://cluster.local/ns/test-app/sa/"),
    ]);
    assert.equal(other!.calls, 0);
  });

  it("breaks by nothing while that rule is there, and with it", () => {
    const kept = replay(configOf(), [called("github.com")]);
    assert.deepEqual([kept.broken, kept.held.calls], [[], 3]);
    const [broken] = replay(configOf({ allow: [] }), [called("github.com")], configOf()).broken;
    assert.deepEqual([broken!.from, broken!.calls], [stranger, 3]);
    assert.match(broken!.because, /^it belongs to the destination "github", which is allowed to nobody/);
  });

  it("breaks by nothing where its namespace is observed, but for what leads inside", () => {
    const calls = [called("new.example.com", "would be denied"), called("wiki.internal", "would be denied")];
    const { broken, held } = replay(observing, calls);
    assert.deepEqual([broken.map(({ url }) => url), held.calls], [["https://wiki.internal"], 3]);
    assert.equal(replay(configOf(), calls).broken.length, 2);
  });

  it("is proposed nothing, as no rule can be for it by itself, nor is the namespace's rule proposed to be enforced", () => {
    const { rules, promotions, left, granted } = propose(configOf(), [
      called("github.com"),
      called("new.example.com", "refused"),
    ]);
    assert.deepEqual([rules, promotions, granted.calls], [[], [], 3]);
    assert.deepEqual(
      left.map(({ from, host, mark }) => [from, host, mark]),
      [[stranger, "new.example.com", "identity"]],
    );
    const reported = propose(reporting, [called("github.com")]);
    assert.deepEqual([reported.rules, reported.promotions, reported.granted.calls], [[], [], 0]);
    assert.match(reported.left[0]!.because, /^istio-egress:allow\[0\] only reports: the identity is no workload/);
  });

  it("is in the log as its namespace's rule has it, under its own identity", () => {
    const decide = (config: StackConfig, changes: object = {}) =>
      decider(config)(parseEntry(JSON.stringify(httpsEntry({ identity: stranger, ...changes })))!, {
        gateway: "egress-gateway",
        namespace: "istio-egress",
        pod: "p",
      });
    const { from, allowed, ok, rule } = decide(configOf());
    assert.deepEqual([from, allowed, ok, rule?.from], [stranger, true, true, "test-app/*"]);
    assert.equal(decide(configOf({ allow: [] })).ok, false);
    assert.equal(decide(configOf(), refusedHttps).ok, false);
    assert.equal(decide(configOf({ allow: [] }), refusedHttps).ok, true);
    assert.equal(decide(reporting).wouldBeDenied, true);
    const observed = { stage: "observer", verdict: "would be denied", host: "new.example.com" };
    assert.equal(decide(observing, observed).ok, true);
    assert.equal(decide(configOf(), observed).ok, false);
  });
});
