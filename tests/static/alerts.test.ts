// The alert rules of a stack, looked at by promtool and held against series that a Prometheus would have scraped.
// Does not prove: that gateways count so (tests/lab/metrics.test.ts does), nor that anybody's Prometheus loads the rules.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Progress } from "../../lab/progress";
import { resolveSome } from "../../lab/tools/resolve";
import { Manifest, parseConfig, planStack } from "../../model";
import { callsMetric } from "../../model/plan/call-counters";
import { soundConfig } from "../unit/model/config/sound-config";
import { AlertTest, checkRules, Expected, testRules, writeRules } from "./support/run-promtool";
import { summarize } from "./support/summary";

/** promtool's clock begins here. */
const now = new Date("1970-01-01T12:00:00Z");

const app = "spiffe://cluster.local/ns/test-app/sa/app-a";
const other = "spiffe://cluster.local/ns/test-app/sa/app-b";

function rulesOf(change: Record<string, unknown> = {}): Manifest[] {
  const config = parseConfig({ ...soundConfig(), metrics: { mode: "operator" }, ...change }, { now });
  return planStack(config).metrics.filter(({ kind }) => kind === "PrometheusRule");
}

function calls(labels: Record<string, string>): string {
  const all = { namespace: "istio-egress", pod: "a", at: "gateway", protocol: "https", ...labels };
  return `${callsMetric}{${Object.entries(all)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",")}}`;
}

const refused = (labels: Record<string, string> = {}) =>
  calls({ caller: app, decision: "denied", outcome: "refused", ...labels });

describe("the alert rules of a stack", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-alerts-"));
  let promtool: string;
  let tried = 0;

  before(async () => {
    promtool = (await resolveSome(["promtool"], new Progress())).promtool.path;
  });

  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
    summarize("promtool", `alert tests: ${tried}`);
  });

  function filesOf(rules: Manifest[]): string[] {
    const own = fs.mkdtempSync(path.join(folder, "rules-"));
    return writeRules(rules, own);
  }

  /** Holds one alert of the rules to what is expected of it at certain times. */
  function alerts(
    alertname: string,
    series: [series: string, values: string][],
    times: [time: string, expected: (Expected | undefined)[]][],
    { rules = rulesOf(), every = "1m" }: { rules?: Manifest[]; every?: string } = {},
  ): void {
    const test: AlertTest = {
      name: alertname,
      input_series: series.map(([name, values]) => ({ series: name, values })),
      alert_rule_test: times.map(([eval_time, expected]) => ({
        ...{ eval_time, alertname },
        exp_alerts: expected.filter((each) => each !== undefined),
      })),
    };
    const { sound, text } = testRules(promtool, filesOf(rules), [test], every);
    assert.ok(sound, text);
    tried += times.length;
  }

  it("are rules that Prometheus takes, and its lint finds nothing in", () => {
    const from = "test-app/app-a";
    const rules = rulesOf({
      allow: [
        { from, to: "github", owner: "o", reason: "r", expires: "1970-03-01" },
        { from, to: "httpbin", owner: "o", reason: "r", expires: "1970-04-01" },
      ],
    });
    const { sound, text } = checkRules(promtool, filesOf(rules));
    assert.ok(sound, text);
    assert.match(text, /SUCCESS: 4 rules found/);
    assert.match(text, /SUCCESS: 2 rules found/);
  });

  it("fail where they are no PromQL, or a test expects what they do not say: the tool is asked indeed", () => {
    const [rules] = rulesOf();
    const groups = (rules!.spec as { groups: { name: string; rules: object[] }[] }).groups;
    const broken = { ...rules!, spec: { groups: [{ ...groups[0]!, rules: [{ alert: "A", expr: "sum(" }] }] } };
    assert.equal(checkRules(promtool, filesOf([broken])).sound, false);
    assert.throws(() => alerts("EgressIdentityRefused", [[refused(), "0 0 5"]], [["2m", []]]), /EgressIdentityRefused/);
  });

  const identityRefused = (caller: string): Expected => ({
    exp_labels: { severity: "warning", caller, protocol: "https" },
    exp_annotations: {
      summary: `An egress gateway refused ${caller}.`,
      description: `${caller} asked a gateway for a host over https that no rule grants it, past what its sidecar knows: a change that is half applied, or somebody who goes around the sidecar. \`egress logs <stack> --denied\` has the host.`,
    },
  });

  it("say that a gateway refused an identity, at its first call, and are quiet ten minutes later", () => {
    alerts(
      "EgressIdentityRefused",
      [
        // The counter is made with the first refusal, at 5 minutes.
        [refused(), "_x5 1x30"],
        [refused({ caller: other, decision: "allowed", outcome: "forwarded" }), "0+1x30"],
        // At home it is a sidecar's everyday.
        [refused({ caller: other, at: "sidecar", namespace: "test-app" }), "0+1x30"],
        // The observer refuses what leads inside to callers that nothing else is refused to.
        [refused({ caller: other, at: "observer" }), "0+1x30"],
      ],
      [
        ["4m", []],
        ["6m", [identityRefused(app)]],
        ["20m", []],
      ],
    );
  });

  it("say so of a counter that grows, and not of one that was only not scraped for some minutes", () => {
    alerts(
      "EgressIdentityRefused",
      [
        [refused(), "3x10 4x40"],
        [refused({ caller: other }), "3x10 _x14 3x30"],
      ],
      [
        ["9m", [identityRefused(app), identityRefused(other)]],
        ["12m", [identityRefused(app)]],
        ["26m", []],
      ],
    );
  });

  const suddenly = (caller: string): Expected => ({
    exp_labels: { severity: "warning", caller },
    exp_annotations: {
      summary: `${caller} is refused calls, and was not for a day.`,
      description:
        "A rule ended or was removed, or the workload calls a host that is new. `egress logs <stack> --denied` has the host, `egress explain` says why.",
    },
  });

  it("say which workload is refused that was not for a day, by sidecars too, and not who is refused every hour", () => {
    const atHome = { at: "sidecar", namespace: "test-app", protocol: "http" };
    alerts(
      "EgressWorkloadSuddenlyRefused",
      [
        [refused(atHome), "_x1600 2x100"],
        [refused({ ...atHome, caller: other }), "0+1x1700"],
      ],
      [
        ["1599m", []],
        ["1605m", [suddenly(app)]],
        ["1640m", []],
      ],
    );
  });

  it("say which destination is not reached, from one call in ten on, for ten minutes", () => {
    const of = (destination: string, outcome: string) =>
      calls({ caller: app, decision: "allowed", destination, outcome });
    const fails = {
      exp_labels: { severity: "warning", destination: "github" },
      exp_annotations: {
        summary: "20% of the calls that rules grant to github do not reach it.",
        description:
          "Gateways let these calls pass, and found no address, no connection or no answer. `egress logs <stack>` has Envoy's flags for each.",
      },
    };
    alerts(
      "EgressForwardingFails",
      [
        [of("github", "failed"), "0+20x30"],
        [of("github", "forwarded"), "0+80x30"],
        [of("httpbin", "failed"), "0+1x30"],
        [of("httpbin", "forwarded"), "0+99x30"],
        // What is refused is no failure, however much of it there is.
        [of("httpbin", "refused"), "0+500x30"],
        // What the observer lets pass is no destination's.
        [calls({ caller: other, at: "observer", decision: "would be denied", outcome: "failed" }), "0+50x30"],
      ],
      [
        ["5m", []],
        ["20m", [fails]],
      ],
    );
  });

  const down = {
    exp_labels: { severity: "critical", gateway: "egress-gateway" },
    exp_annotations: {
      summary: "No pod of the gateway egress-gateway is ready.",
      description:
        "Calls by egress-gateway fail: no pod answers Prometheus, or kube-state-metrics says that none is available. kubectl -n istio-egress describe deployment egress-gateway",
    },
  };
  const up = (pod: string) => `up{job="istio-egress/egress-gateways",gateway="egress-gateway",pod="${pod}"}`;
  const available = 'kube_deployment_status_replicas_available{namespace="istio-egress",deployment="egress-gateway"}';

  it("say that no pod of a gateway answers, and nothing as long as one does", () => {
    alerts(
      "EgressGatewayDown",
      [
        [up("a"), "1x5 0x25"],
        [up("b"), "1x15 _x15"],
      ],
      [
        ["14m", []],
        // What is no longer scraped is remembered for five minutes.
        ["25m", [down]],
      ],
    );
  });

  it("say that none is ready although pods answer, where kube-state-metrics is there", () => {
    alerts(
      "EgressGatewayDown",
      [
        [up("a"), "1x30"],
        [available, "2x10 0x20"],
      ],
      [
        ["10m", []],
        ["15m", [down]],
      ],
    );
  });

  describe("about dates", () => {
    const from = "test-app/app-a";
    const rules = (): Manifest[] =>
      rulesOf({
        allow: [
          { from, to: "github", owner: "team-a", reason: "r", expires: "1970-01-20" },
          { from, to: "httpbin", owner: "team-a", reason: "r", reviewed: "1969-07-10 by alice" },
        ],
      });
    const ends = {
      exp_labels: { severity: "info", owner: "team-a", date: "1970-01-21" },
      exp_annotations: {
        summary: "1 rule of team-a ends at 1970-01-21T00:00:00Z.",
        description:
          "test-app/app-a → github. Agree on a later date with team-a, or let it end: then gateways refuse these calls.",
      },
    };
    const due = {
      exp_labels: { severity: "info", owner: "team-a", date: "1970-01-10" },
      exp_annotations: {
        summary: "1 rule of team-a is due for review since 1970-01-10.",
        description:
          "test-app/app-a → httpbin. Ask team-a whether it is needed still, and write the day and who reviewed it.",
      },
    };

    it("warn of a rule from 14 days before its end on, until that", () => {
      alerts(
        "EgressRuleEnds",
        [],
        [
          ["143h", []],
          ["145h", [ends]],
          ["479h", [ends]],
          ["481h", []],
        ],
        { rules: rules(), every: "1h" },
      );
    });

    it("name an owner as it is written, whatever Prometheus would take it for", () => {
      const owner = 'team {{ $x }} {{{ query "up" }} of "A" `b` 100% \\n';
      const [summary, description] = Object.values(ends.exp_annotations).map((text) =>
        text.replace("team-a", () => owner),
      );
      alerts(
        "EgressRuleEnds",
        [],
        [
          [
            "145h",
            [
              {
                exp_labels: { ...ends.exp_labels, owner },
                exp_annotations: { summary: summary!, description: description! },
              },
            ],
          ],
        ],
        {
          rules: rulesOf({ allow: [{ from, to: "github", owner, reason: "{{ $y }}", expires: "1970-01-20" }] }),
          every: "1h",
        },
      );
    });

    it("tell of a review from the day on that it is due", () => {
      alerts(
        "EgressReviewDue",
        [],
        [
          ["215h", []],
          ["217h", [due]],
        ],
        { rules: rules(), every: "1h" },
      );
    });
  });
});
