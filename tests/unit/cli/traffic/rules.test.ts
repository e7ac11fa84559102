// `egress logs --rules`: how often each rule was used, and when last.
// Does not prove: that the logs reach back as far as somebody would like.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { register as registerCheck } from "../../../../cli/commands/check";
import { register } from "../../../../cli/commands/logs";
import { httpEntry, httpsEntry, refusedHttp } from "../../model/access-log/entries";
import { FakeKubectl, logLine } from "../logs/fake-kubectl";
import { Ended, runCommand } from "../run-command";

const file = `config:
  istio-egress:namespaces: { test-app: {} }
  istio-egress:workloads:
    app-a: { namespace: test-app, image: "i:1" }
  istio-egress:destinations:
    github: { hosts: [github.com] }
    httpbin: { hosts: [httpbin.org] }
  istio-egress:allow:
    - { from: test-app/app-a, to: github, owner: team-a, reviewed: 2026-09-01 by alice }
    - { from: test-app/app-a, to: httpbin }
`;

const calls = [
  httpEntry(),
  httpsEntry({ time: "2026-11-20T10:00:00Z" }),
  // Refused before it was granted: it used no rule.
  httpEntry({ ...refusedHttp, host: "httpbin.org" }),
].map((entry) => JSON.stringify(entry));

describe("egress logs --rules", () => {
  let folder: string;
  let recording: string;

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-rules-"));
    recording = path.join(folder, "calls.jsonl");
    fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), file);
    fs.writeFileSync(recording, calls.join("\n"));
  });

  after(() => fs.rmSync(folder, { recursive: true }));

  function rules(...argv: string[]): Promise<Ended> {
    return runCommand(register, "logs", "shop", "--stacks", folder, ...argv);
  }

  it("counts the calls that passed by each rule, and says when the last was and how far it knows", async () => {
    const { exitCode, stdout, stderr } = await rules("--rules", "--from", recording);
    assert.deepEqual([exitCode, stderr], [0, "3 calls in 3 lines.\n"]);
    assert.equal(
      stdout,
      `RULE      FROM            TO       OWNER   CALLS  LAST USED          REVIEWED
allow[0]  test-app/app-a  github   team-a  2      2026-11-22 10:15Z  2026-09-01 by alice
allow[1]  test-app/app-a  httpbin          0      not used

2 rules, 1 not used.
The first recorded call is of 2026-11-20 10:00Z: of what was before nothing is known.
`,
    );
  });

  it("shows those that were not used, and gives JSON", async () => {
    const { stdout } = await rules("--rules", "--unused", "--from", recording);
    assert.match(stdout, /allow\[1\] .*\n\n1 rule not used\.\n/);
    assert.doesNotMatch(stdout, /allow\[0\]/);
    const all = JSON.parse((await rules("--rules", "--from", recording, "--json")).stdout) as Record<string, unknown>[];
    assert.deepEqual(
      all.map(({ rule, calls: count, last, reviewed }) => [rule, count, last, reviewed]),
      [
        ["istio-egress:allow[0]", 2, "2026-11-22T10:15:30.123Z", "2026-09-01 by alice"],
        ["istio-egress:allow[1]", 0, null, null],
      ],
    );
  });

  describe("--unused 90d", () => {
    const dayMs = 86_400_000;
    const daysAgo = (days: number) => new Date(Date.now() - days * dayMs).toISOString();
    const recorded = (...times: [days: number, host: string][]): string => {
      const file = path.join(folder, "dated.jsonl");
      const lines = times.map(([days, host]) => JSON.stringify(httpEntry({ time: daysAgo(days), host })));
      fs.writeFileSync(file, lines.join("\n"));
      return file;
    };
    const json = async (from: string, ...argv: string[]) =>
      JSON.parse((await rules("--rules", "--from", from, "--json", ...argv)).stdout) as Record<string, unknown>[];

    it("is of rules whose last call is older, those without any among them, and of no other", async () => {
      const from = recorded([200, "github.com"], [91, "github.com"], [89, "httpbin.org"]);
      const { stdout } = await rules("--rules", "--unused", "90d", "--from", from);
      assert.match(stdout, /allow\[0\] .* 2 .*\n\n1 rule not used for 90 days\.\nThe first recorded call is of /);
      assert.doesNotMatch(stdout, /allow\[1\]/);
      assert.match(
        (await rules("--rules", "--unused", "88d12h", "--from", from)).stdout,
        /2 rules not used for 2,124 hours/,
      );
    });

    it("says plainly that less is recorded, and since when, in JSON too", async () => {
      const from = recorded([30, "github.com"]);
      const { exitCode, stdout } = await rules("--rules", "--unused", "90d", "--from", from);
      assert.equal(exitCode, 0);
      assert.match(stdout, /allow\[1\] .*\n\n1 rule not used for 90 days\.\nThe recording is shorter than 90 days: /);
      assert.match(stdout, /, 30 days ago\. A rule that is shown may have been used before that/);
      const [rule, ...others] = await json(from, "--unused", "90d");
      assert.deepEqual(others, []);
      assert.equal(rule!.conclusive, false);
      assert.equal(rule!.unusedSeconds, 90 * 86_400);
      assert.ok(Math.abs(Date.parse(rule!.recordedSince as string) - Date.parse(daysAgo(30))) < 60_000);
      const long = await json(recorded([100, "github.com"]), "--unused", "90d");
      assert.deepEqual(
        long.map(({ conclusive }) => conclusive),
        [true, true],
      );
    });

    it("reads the gateways' logs as far back as it asks for", async () => {
      const kubectl = new FakeKubectl();
      try {
        kubectl.pods({ "egress-gateway-a": {} });
        kubectl.log("egress-gateway-a", []);
        const { stdout } = await rules("--rules", "--unused", "90d");
        assert.match(kubectl.reads().at(-1)!, /--since=7776000s/);
        assert.match(stdout, /2 rules not used for 90 days\.\nNo call was recorded, so nothing is known/);
      } finally {
        kubectl.remove();
      }
    });
  });

  it("reads the gateways' logs where no recording is named, days back", async () => {
    const kubectl = new FakeKubectl();
    try {
      kubectl.pods({ "egress-gateway-a": {} });
      kubectl.log("egress-gateway-a", [logLine(httpEntry(), 1)]);
      assert.match((await rules("--rules", "--since", "9999d")).stdout, /allow\[0\] .* 1 {6}2026-11-22 10:15Z/);
      assert.match(kubectl.reads().at(-1)!, /--since=863913600s/);
      kubectl.log("egress-gateway-a", []);
      assert.match((await rules("--rules")).stdout, /2 rules, 2 not used\.\nNo call was recorded, so nothing is known/);
    } finally {
      kubectl.remove();
    }
  });

  it("ends with 2 for options that mean nothing beside each other", async () => {
    for (const [argv, says] of [
      [["--unused"], "--unused is taken only with --rules."],
      [["--from", recording], "--from is taken only with --rules."],
      [["--rules", "--unused", "x"], '--unused takes days, hours, minutes and seconds, as 7d or 1h30m, and not "x".'],
      [["--rules", "--since", "30d", "--unused", "90d"], "--since 30d reads less than --unused 90d asks for"],
      [["--rules", "--follow"], "--follow is taken not beside --rules."],
      [["--rules", "--since", "x"], '--since takes days, hours, minutes and seconds, as 7d or 1h30m, and not "x".'],
    ] as const) {
      const { exitCode, stderr } = await rules(...argv);
      assert.equal(exitCode, 2);
      assert.ok(stderr.includes(says), stderr);
    }
  });
});

describe("egress check", () => {
  it("warns of a rule whose review is due, and is green all the same", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-rules-"));
    try {
      fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), file.replace("2026-09-01", "2020-09-01"));
      const { exitCode, stdout } = await runCommand(registerCheck, "check", "shop", "--stacks", folder);
      assert.equal(exitCode, 0);
      assert.match(
        stdout,
        /\nWarning: istio-egress:allow\[0\]\.reviewed: test-app\/app-a → github is due for review since 2021-03-01\. Fix: ask team-a/,
      );
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
