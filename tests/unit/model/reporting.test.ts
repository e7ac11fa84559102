// mode: report on a rule, from the stack's file to what every reader says of it.
// Does not prove: anything about a mesh; that nothing which is applied differs is what makes that needless.
import assert from "node:assert/strict";
import { ConfigError, parseConfig, planStack, StackConfig, verdicts } from "../../../model";
import { decider, ocsfEvent, parseEntry } from "../../../model/access-log";
import { reportingSteps } from "../../../model/config/reporting";
import { diffStacks, riskNotes } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { edgeFacts, edgeWords, graphOf } from "../../../model/graph";
import { CountedCall, propose, replay, ruleUses } from "../../../model/traffic";
import { httpsEntry } from "./access-log/entries";
import { now } from "./config/sound-config";

type Raw = Record<string, unknown>;

const answers = { owner: "o", reason: "r" };
const reports = { ...answers, mode: "report" };

/** Cart only reports, till is granted for good, the namespace of both reports the wildcard. */
const rules: Raw[] = [
  { from: "shop/cart", to: "web", ...reports },
  { from: "shop/till", to: "web", ...answers },
  { from: "shop/*", to: "names", ...reports },
];

function config(allow: Raw[] = rules, change: Raw = {}): StackConfig {
  const raw = {
    namespaces: { shop: {} },
    workloads: { cart: { namespace: "shop", image: "i" }, till: { namespace: "shop", image: "i" } },
    destinations: { web: { hosts: ["www.example.com"], protocols: ["https"] }, names: { hosts: ["*.names.example"] } },
    allow,
    ...change,
  };
  return parseConfig(raw, { now });
}

function problems(allow: Raw[], change: Raw = {}): { path: string; problem: string }[] {
  try {
    config(allow, change);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.problems];
  }
}

const withMode = (mode: string | undefined): Raw[] =>
  rules.map(({ mode: _, ...rule }) => (mode === undefined ? rule : { ...rule, mode }));

/** The calls of a workload by what the matrix says of them. */
function expected(of: StackConfig, from: string): Record<string, string> {
  return Object.fromEntries(
    verdicts(of)
      .filter((verdict) => verdict.from === from && verdict.protocol === "https")
      .map((verdict) => [verdict.host, verdict.expected]),
  );
}

function asked(of: StackConfig, from: string, url: string) {
  const check = readCall(url);
  assert.ok("call" in check);
  return explain(of, from, check.call);
}

const identityOf = (key: string) => `spiffe://cluster.local/ns/${key.replace("/", "/sa/")}`;

function counted(from: string, host: string, changes: Partial<CountedCall> = {}): CountedCall {
  return { identity: identityOf(from), protocol: "https", host, port: 443, calls: 14, outcome: "passed", ...changes };
}

function decided(of: StackConfig, from: string, host: string, changes: Raw = {}) {
  const wildcard = host.endsWith(".names.example") ? { host: ".names.example", inner: host } : { host, inner: host };
  const line = JSON.stringify(httpsEntry({ identity: identityOf(from), ...wildcard, ...changes }));
  return decider(of)(parseEntry(line)!, { gateway: "egress-gateway", namespace: "istio-egress", pod: "p" });
}

describe("mode: report on a rule", () => {
  it("changes nothing that is applied", () => {
    const plans = [undefined, "report", "enforce"].map((mode) => JSON.stringify(planStack(config(withMode(mode)))));
    assert.deepEqual(new Set(plans).size, 1);
    assert.notEqual(JSON.stringify(planStack(config(rules.slice(1)))), plans[0]);
  });

  it("is enforce where nothing is said, and refused where no log could tell of it", () => {
    assert.deepEqual(config(withMode("enforce")), config(withMode(undefined)));
    assert.deepEqual(diffStacks(config(withMode("enforce")), config(withMode(undefined))).grants, []);
    assert.deepEqual(
      problems([{ ...rules[0], mode: "watch" }]).map(({ path }) => path),
      ["istio-egress:allow[0].mode"],
    );
    const outside = { bank: { namespace: "shop", addresses: ["10.10.0.4"], via: "service" } };
    const beside = (mode: string) => problems([{ from: "shop/cart", to: "bank", ...answers, mode }], { outside });
    assert.deepEqual(beside("enforce"), []);
    assert.match(beside("report")[0]!.problem, /pass no gateway/);
    const mesh = { kind: "existing", envoyFilters: false };
    const plain = { destinations: { web: { hosts: ["www.example.com"] } }, mesh };
    assert.deepEqual(problems([rules[1]!], plain), []);
    assert.match(problems([rules[0]!], plain)[0]!.problem, /those of this mesh write none/);
    // One edge has one rule, whatever its mode.
    assert.match(problems([rules[0]!, { ...rules[0], mode: "enforce" }])[0]!.problem, /already/);
  });

  it("is told by the matrix, explain, check and the graph", () => {
    const of = config();
    assert.deepEqual(expected(of, "shop/cart"), { "*.names.example": "report", "www.example.com": "report" });
    assert.deepEqual(expected(of, "shop/till"), { "*.names.example": "report", "www.example.com": "allow" });
    const { allowed, reported, because, way } = asked(of, "shop/cart", "https://www.example.com");
    assert.deepEqual([allowed, reported], [true, true]);
    assert.match(
      because,
      /^istio-egress:allow\[0\] allows https to it.*; but istio-egress:allow\[0\] is in report mode/,
    );
    assert.deepEqual(way, asked(config(withMode(undefined)), "shop/cart", "https://www.example.com").way);
    assert.equal(asked(of, "shop/till", "https://a.names.example").reported, true);
    assert.equal(asked(of, "shop/till", "https://www.example.com").reported, undefined);
    assert.equal(asked(of, "shop/till", "https://other.example").allowed, false);
    assert.match(
      reportingSteps(of)[0]!,
      /^istio-egress:allow\[2\] \(shop\/\* → names\), istio-egress:allow\[0\] \(shop/,
    );
    assert.deepEqual(reportingSteps(config(withMode("enforce"))), []);
    const graph = graphOf(of);
    const told = (from: string) => {
      const edge = graph.edges.find((each) => each.from === `workload:${from}` && each.to === "destination:web")!;
      return [edgeWords(edge).how, edgeFacts(edge, graph)[0]!.values[0]];
    };
    assert.deepEqual(told("shop/till"), ["https", "allowed"]);
    assert.deepEqual(told("shop/cart"), [
      "https · mode: report, would be denied",
      "passes by a rule in report mode: would be denied without it",
    ]);
  });

  it("gives way to another rule that grants the same call, on either side", () => {
    const [own, whole] = [
      { from: "shop/cart", to: "web" },
      { from: "shop/*", to: "web" },
    ];
    for (const [first, second, verdict, path] of [
      [answers, reports, "allow", 0],
      [reports, answers, "allow", 1],
      [reports, reports, "report", 0],
    ] as const) {
      const of = config([
        { ...own, ...first },
        { ...whole, ...second },
      ]);
      assert.equal(expected(of, "shop/cart")["www.example.com"], verdict);
      assert.equal(asked(of, "shop/cart", "https://www.example.com").rule!.path, `istio-egress:allow[${path}]`);
      const { allowed, wouldBeDenied, rule } = decided(of, "shop/cart", "www.example.com");
      assert.deepEqual([allowed, wouldBeDenied ?? false], [true, verdict === "report"]);
      assert.equal(rule!.path, `istio-egress:allow[${path}]`);
    }
  });

  it("is told of each call that was logged, by the workload's rule and by its namespace's for a wildcard", () => {
    const of = config();
    for (const [from, host] of [
      ["shop/cart", "www.example.com"],
      ["shop/till", "a.names.example"],
    ] as const) {
      const decision = decided(of, from, host);
      assert.deepEqual([decision.allowed, decision.wouldBeDenied, decision.ok], [true, true, true], host);
      assert.match(decision.because!, /is in report mode, and no other rule grants it/);
      const { disposition, message } = ocsfEvent(decision) as { disposition: string; message: string };
      assert.deepEqual([disposition, /would be denied$/.test(message)], ["Logged", true]);
    }
    const { wouldBeDenied, because } = decided(of, "shop/till", "www.example.com");
    assert.deepEqual([wouldBeDenied, because], [undefined, undefined]);
    // What was refused before the rule was applied is a refusal still.
    const reason = "rbac_access_denied_matched_policy[none]";
    const refused = decided(of, "shop/cart", "www.example.com", { reason, stage: "policies", upstream: null });
    assert.deepEqual([refused.allowed, refused.wouldBeDenied, refused.ok], [false, undefined, false]);
  });

  it("ends with its last day as any rule does", () => {
    const ending = (expires: string) => config([{ ...rules[0], expires }, rules[1]!]);
    assert.equal(expected(ending("2026-11-30"), "shop/cart")["www.example.com"], "report");
    assert.match(
      asked(ending("2026-11-30"), "shop/cart", "https://www.example.com").ends!,
      /^from 2026-12-01T00:00:00Z/,
    );
    const over = ending("2026-11-21");
    assert.equal(expected(over, "shop/cart")["www.example.com"], "deny");
    assert.equal(asked(over, "shop/cart", "https://www.example.com").reported, undefined);
    assert.deepEqual(reportingSteps(over), []);
    // A call of a day on which it still held.
    const earlier = decided(over, "shop/cart", "www.example.com", { time: "2026-11-21T10:00:00.000Z" });
    assert.deepEqual([earlier.allowed, earlier.wouldBeDenied, earlier.ok], [true, true, true]);
  });

  it("goes before observing: an observed workload takes the rule's own way", () => {
    const of = config(rules, { namespaces: { shop: { mode: "observe" } } });
    assert.equal(expected(of, "shop/cart")["www.example.com"], "report");
    const { allowed, observed, reported } = asked(of, "shop/cart", "https://www.example.com");
    assert.deepEqual([allowed, observed, reported], [true, undefined, true]);
    assert.equal(decided(of, "shop/cart", "www.example.com").wouldBeDenied, true);
    // Without the rule nothing breaks as long as it is observed.
    assert.deepEqual(replay(config(rules.slice(1), { namespaces: { shop: { mode: "observe" } } }), calls).broken, []);
    assert.equal(replay(config(rules.slice(1)), calls).broken.length, 1);
  });

  const calls = [
    counted("shop/cart", "www.example.com"),
    counted("shop/till", "www.example.com", { calls: 2 }),
    counted("shop/till", "a.names.example", { calls: 3 }),
  ];

  it("is a change of one word in a review, with what it means in each direction", () => {
    const [reported, enforced, gone] = [config(), config(withMode("enforce")), config(rules.slice(1))];
    const risks = (before: StackConfig, after: StackConfig) =>
      riskNotes(diffStacks(before, after)).flatMap(({ about, risk }) => (about.startsWith("shop/cart") ? [risk] : []));
    const [change] = diffStacks(reported, enforced).grants.filter(({ from }) => from === "shop/cart");
    assert.deepEqual([change!.before!.mode, change!.after!.mode], ["report", undefined]);
    assert.match(risks(reported, enforced).join(), /^passed by a rule in report mode, and is granted for good/);
    assert.match(risks(enforced, reported).join(), /^was granted for good; in report mode it passes as before/);
    assert.match(risks(reported, gone).join(), /refused from then on unless another rule grants it: egress replay/);
    assert.match(risks(gone, reported).join(), /^in report mode: it passes all the same/);
    assert.deepEqual([risks(enforced, gone), risks(gone, enforced)], [[], []]);
  });

  it("is proposed to be enforced, or as a rule of the workload's own where a whole namespace reports", () => {
    const { promotions, rules: added, granted, destinations } = propose(config(), calls);
    assert.deepEqual(
      promotions.map(({ rule, from, to, calls: times }) => [rule, from, to, times]),
      [["istio-egress:allow[0]", "shop/cart", "web", 14]],
    );
    assert.deepEqual(
      added.map(({ from, to, calls: times, refused }) => [from, to, times, refused]),
      [["shop/till", "names", 3, 0]],
    );
    assert.deepEqual([destinations, granted.calls], [[], 2]);
    // With what is proposed nothing is left to propose, and the reporting rules may go.
    const after = config([{ ...rules[0], mode: "enforce" }, rules[1]!, { from: "shop/till", to: "names", ...answers }]);
    const again = propose(after, calls);
    assert.deepEqual([again.promotions, again.rules, again.granted.calls], [[], [], 19]);
    assert.deepEqual(replay(after, calls, config()).broken, []);
    const unclear = propose(config(), [counted("shop/cart", "www.example.com", { outcome: "unclear" })]);
    assert.deepEqual([unclear.promotions, unclear.rules], [[], []]);
  });

  it("is counted by rule, and by a replay, which names what would break when the rule goes", () => {
    const uses = ruleUses(config(), calls).map(({ rule, calls: times }) => [rule.to, rule.mode, times]);
    assert.deepEqual(uses, [
      ["names", "report", 3],
      ["web", "report", 14],
      ["web", undefined, 2],
    ]);
    const held = replay(config(), calls);
    assert.deepEqual([held.broken, held.held.calls, held.reported.calls], [[], 19, 17]);
    const { broken, reported } = replay(config(rules.slice(1, 2)), calls, config());
    assert.deepEqual(
      broken.map(({ from, url, calls: times }) => [from, url, times]),
      [
        ["shop/cart", "https://www.example.com", 14],
        ["shop/till", "https://a.names.example", 3],
      ],
    );
    assert.equal(reported.calls, 0);
  });
});
