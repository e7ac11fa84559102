// What a report says of a stack: its rules and their use, what is insecure, and the state of each control.
// Does not prove that an assessor takes it for enough.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { parseConfig } from "../../../../model";
import { Evidence, evidenceOf, reportSchema } from "../../../../model/report";
import { ingressEvidence, modelIngress } from "../../../../cli/ingress/cells";
import { ingressVerdicts } from "../../../../model/callers";
import { now } from "../config/sound-config";
import { calls, exampleConfig, exampleEvidence, found, settings } from "./example";

const schemaFile = path.join(__dirname, "..", "..", "..", "..", "docs", "report.schema.json");

const state = (id: string, change: Parameters<typeof exampleEvidence>[0] = {}) =>
  exampleEvidence(change).controls.find((control) => control.id === id)!;

function reportingEvidence(mode: string): Evidence {
  const config = parseConfig(
    {
      namespaces: { shop: {} },
      workloads: { cart: { namespace: "shop", image: "i" } },
      destinations: { github: { hosts: ["github.com"] } },
      allow: [{ from: "shop/cart", to: "github", owner: "o", reason: "r", mode }],
    },
    { now },
  );
  return evidenceOf(config, found(config));
}

describe("the evidence on a stack", () => {
  it("has the form that docs/report.schema.json describes", () => {
    const described = z.toJSONSchema(reportSchema);
    if (process.env.UPDATE_GOLDEN !== undefined) {
      fs.writeFileSync(schemaFile, `${JSON.stringify(described, undefined, 2)}\n`);
    }
    const held: unknown = JSON.parse(fs.readFileSync(schemaFile, "utf8"));
    assert.deepEqual(held, JSON.parse(JSON.stringify(described)), "UPDATE_GOLDEN=1 writes it anew");
    const evidence = exampleEvidence();
    assert.deepEqual(reportSchema.parse(JSON.parse(JSON.stringify(evidence))), evidence);
  });

  it("tells who may call guarded pods, and shows PCI DSS 1.3.1 only where all are closed and the mesh agrees", () => {
    const open = exampleEvidence();
    assert.deepEqual(open.ingress.open, ["istio-workload", "legacy", "test-app"]);
    assert.equal(state("1.3.1").state, "open");
    assert.match(state("1.3.1").says, /pods of istio-workload, legacy, test-app may call them: nothing closes them/);
    assert.ok(
      open.limits.some((limit) =>
        /^Whoever reaches the pods of istio-workload, legacy, test-app may open connections/.test(limit),
      ),
    );

    const closed = exampleConfig({
      namespaces: {
        "test-app": { ingress: { from: [{ namespace: "monitoring", ports: [15020] }] } },
        "istio-workload": { ingress: {} },
      },
    });
    const evidence = (asked: boolean, ok: boolean | null) => {
      const cells = modelIngress(ingressVerdicts(closed)).map((cell) =>
        cell.verdict.caller.kind === "pods" ? { ...cell, seen: "connected", ok } : cell,
      );
      return evidenceOf(closed, found(closed, { ingress: ingressEvidence(cells, { asked }) }));
    };
    const control = (asked: boolean, ok: boolean | null) => {
      const { state: is, says } = evidence(asked, ok).controls.find(({ id }) => id === "1.3.1")!;
      return `${is}: ${says}`;
    };
    assert.deepEqual(evidence(true, true).ingress.connections[0], {
      from: "guarded namespaces",
      into: "istio-workload",
      ports: "every",
      expected: "allow",
      seen: null,
      ok: null,
      rule: null,
    });
    assert.match(
      control(false, null),
      /^not looked at: Of 7 kinds .* the file lets in 3; the mesh was not asked: --live\.$/,
    );
    assert.match(
      control(true, true),
      /^shown: .*; 3 were tried, each as the file says, and for 4 no pod could be asked\.$/,
    );
    assert.match(control(true, false), /^open: The mesh disagrees with the file on 3 of 7 kinds/);
    assert.match(control(true, null), /^not looked at: .*no pod could be asked for any\.$/);
    assert.ok(!evidence(true, true).limits.some((limit) => limit.includes("Whoever reaches the pods")));
  });

  it("tells of each rule its owner, reason, days, reviewer and use", () => {
    const byTarget = new Map(exampleEvidence().rules.map((rule) => [rule.to, rule]));
    const [github, httpbin, billing, db, bank] = ["github", "httpbin", "billing", "db", "bank"].map((to) =>
      byTarget.get(to),
    );
    const use = { calls: 3, first: "2026-11-20T10:00:00.000Z", last: "2026-11-21T10:00:00.000Z" };
    assert.deepEqual(
      [github!.owner, github!.reason, github!.reviewed, github!.reviewer, github!.reviewDue, github!.use],
      ["team-a", "fetches releases", "2026-09-01", "alice", "2027-03-01", use],
    );
    assert.deepEqual([httpbin!.expires, httpbin!.daysLeft, httpbin!.reviewed], ["2026-11-30", 8, null]);
    assert.deepEqual([billing!.use, db!.owner, bank!.reason], [{ calls: 0, first: null, last: null }, null, null]);
    // No gateway is on the way of a service beside the mesh: of its use nothing is known.
    assert.deepEqual([bank!.gateway, bank!.use], [null, null]);
  });

  it("says nothing of any use where no call was recorded", () => {
    const config = exampleConfig();
    const evidence = evidenceOf(config, found(config));
    assert.deepEqual([evidence.usage, evidence.refused], [null, []]);
    assert.ok([...evidence.rules, ...evidence.insecure].every(({ use }) => use === null));
  });

  it("lists what is insecure, and nothing that is TLS or that no rule opens", () => {
    assert.deepEqual(
      exampleEvidence().insecure.map(({ to, way, kind, use }) => [to, way, kind, use?.calls ?? null]),
      [
        ["db", "5432/tcp", "unknown", 0],
        ["db", "8080/http", "plain", 0],
        ["httpbin", "http", "plain", 2],
        ["bank", "service", "beside", null],
      ],
    );
  });

  it("tells plain HTTP into private ranges from that to the internet", () => {
    const config = exampleConfig({
      cluster: { kind: "existing", ranges: ["10.244.0.0/16", "10.96.0.0/12"] },
      destinations: {
        wiki: { hosts: ["wiki.corp.example"], private: ["10.20.0.0/16"] },
        web: { hosts: ["web.example"] },
        partner: { hosts: ["partner.example"], via: { proxy: "proxy.corp.example:3128" } },
      },
      outside: {},
      allow: [
        { from: "test-app/app-a", to: "partner", owner: "a", reason: "b" },
        { from: "test-app/app-a", to: "wiki", owner: "a", reason: "b" },
        { from: "test-app/app-a", to: "web", owner: "a", reason: "b" },
      ],
    });
    const { insecure, destinations } = evidenceOf(config, found(config));
    assert.deepEqual(
      insecure.map(({ to, why }) => [to, why.split(":")[0]]),
      [
        ["web", "plain HTTP to the internet"],
        ["wiki", "plain HTTP into a private network, 10.20.0.0/16"],
      ],
    );
    assert.deepEqual(
      destinations.map(({ name, private: ranges, proxy }) => [name, ranges, proxy]),
      [
        ["partner", null, "proxy.corp.example:3128"],
        ["web", null, null],
        ["wiki", ["10.20.0.0/16"], null],
      ],
    );
  });

  it("lists what was refused, by the caller's name, the most frequent first", () => {
    assert.deepEqual(exampleEvidence().refused, [
      { from: "test-app/app-a", url: "https://evil.example", calls: 7, last: "2026-11-22T10:00:00.000Z" },
      { from: "unknown", url: "https://github.com", calls: 1, last: null },
    ]);
    assert.deepEqual(exampleEvidence().usage, {
      ...{ from: "calls.jsonl", calls: 13, refused: 8 },
      ...{ first: "2026-11-18T10:00:00.000Z", last: "2026-11-22T10:00:00.000Z" },
    });
  });

  it("says what is not held: unguarded pods, admission that is off", () => {
    const { limits } = exampleEvidence();
    assert.ok(
      limits.some((limit) => /^Pods of legacy that still run without a sidecar are refused nothing/.test(limit)),
    );
    assert.ok(limits.some((limit) => /^Istio-egress:admission is off/i.test(limit)));
  });

  it("says of names that carry data out only who can make them: nobody whose pods ask the stack's resolver", () => {
    const carried = (change: Record<string, unknown>) =>
      evidenceOf(exampleConfig(change), found(exampleConfig(change))).limits.filter((limit) =>
        /carried out/.test(limit),
      );
    const dns = { mode: "allowed-only", address: "10.96.0.53" };
    assert.deepEqual(carried({}), [
      "Data that is carried out in names, through the cluster's resolver, is not stopped.",
    ]);
    assert.deepEqual(carried({ dns }), []);
    const namespaces = { ...settings.namespaces, "istio-workload": { mode: "observe" } };
    assert.match(
      carried({ dns, namespaces }).join(),
      /^Data that is carried out in names, by istio-workload\/\*, through/,
    );
  });

  it("counts rules without an owner or a reason, and reviews that are too old, as open", () => {
    const { summary } = exampleEvidence();
    assert.deepEqual(
      [summary.rules, summary.withoutOwner, summary.withoutReason, summary.reviewed, summary.expired],
      [5, 1, 1, 1, 1],
    );
    assert.deepEqual([state("1.2.1").state, state("1.2.5").state, state("1.2.7").state], ["open", "open", "open"]);
    assert.equal(state("1.2.7").says, "1 of 5 rules reviewed within six months.");
    const config = exampleConfig({
      allow: [
        {
          from: "test-app/app-a",
          to: "github",
          owner: "a",
          reason: "b",
          reviewed: "2026-11-22 by c",
          expires: "2027-01-01",
        },
      ],
    });
    const sound = new Map(evidenceOf(config, found(config)).controls.map((control) => [control.id, control.state]));
    assert.deepEqual(
      ["1.2.1", "1.2.5", "1.2.6", "1.2.7", "SC-7(4)"].map((id) => sound.get(id)),
      ["shown", "shown", "shown", "shown", "shown"],
    );
  });

  it("shows a matrix only where the mesh was asked and agrees", () => {
    const { matrix } = found(exampleConfig());
    assert.equal(state("1.3.2").state, "not looked at");
    assert.equal(state("1.3.2", { matrix: { ...matrix, asked: true, disagree: 0 } }).state, "shown");
    assert.equal(state("SC-7(5)", { matrix: { ...matrix, asked: true, disagree: 2 } }).state, "open");
    assert.equal(state("SC-7(5)", { matrix: { ...matrix, asked: true, disagree: 0, observe: 4 } }).state, "open");
  });

  it("shows that the cluster is as the file says only where doctor compared them and found nothing", () => {
    const passed = [{ check: "drift", promise: "as planned" }];
    const finding = { check: "drift", severity: "warning" as const, object: "Sidecar a/b", problem: "differs" };
    const cluster = { findings: [], passed, notChecked: [] };
    const drift = { ...finding, evidence: [], fix: "pulumi up", commands: [] };
    assert.equal(state("1.2.8").state, "not looked at");
    assert.equal(state("1.2.8", { cluster }).state, "shown");
    assert.equal(state("1.2.8", { cluster: { ...cluster, passed: [], findings: [drift] } }).state, "open");
    const notChecked = [{ ...passed[0]!, needs: ["sidecars"] }];
    assert.equal(state("1.2.8", { cluster: { ...cluster, passed: [], notChecked } }).state, "open");
  });

  it("marks rules in report mode, and takes their calls for open", () => {
    const modes = (evidence: Evidence) => evidence.rules.map(({ to, mode }) => `${to} ${mode}`);
    const enforced = reportingEvidence("enforce");
    assert.deepEqual(modes(enforced), ["github enforce"]);
    assert.ok(!enforced.limits.some((sentence) => sentence.includes("report mode")));
    const reported = reportingEvidence("report");
    assert.deepEqual(modes(reported), ["github report"]);
    assert.deepEqual([reported.matrix.allow, reported.matrix.report], [0, 2]);
    const control = (evidence: Evidence) => evidence.controls.find(({ id }) => id === "SC-7(5)")!;
    assert.equal(control(enforced).state, "not looked at");
    assert.equal(control(reported).state, "open");
    assert.match(control(reported).says, /^2 calls are let pass by rules in report mode only\./);
    assert.match(reported.limits.join("\n"), /allow\[0\] \(shop\/cart → github\): in report mode/);
  });

  it("takes changes for shown only where all is committed", () => {
    const changes = { base: "main", baseCommit: "a", commits: [], summary: "", sections: [], risks: [] };
    assert.equal(state("1.2.2").state, "not looked at");
    assert.equal(state("1.2.2", { changes, source: { commit: "b", changed: [] } }).state, "shown");
    assert.equal(state("1.2.2", { changes, source: { commit: "b", changed: ["Pulumi.shop.yaml"] } }).state, "open");
  });

  it("stays within half a second for 2,500 rules over 500 hosts", async () => {
    const { largeSettings, quarter } = await import("../../../../bench/large-stack");
    const { parseConfig } = await import("../../../../model");
    const config = parseConfig(largeSettings(quarter), { now: new Date("2026-11-22T12:00:00Z") });
    const given = found(config, { recorded: { from: "calls.jsonl", calls } });
    const cpu = process.cpuUsage();
    assert.equal(evidenceOf(config, given).rules.length, 2500);
    const { user } = process.cpuUsage(cpu);
    assert.ok(user < 500_000, `${user} µs`);
  });
});
