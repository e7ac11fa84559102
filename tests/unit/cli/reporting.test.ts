// A rule in report mode, as each command shows it.
// Does not prove: what gateways log; the recording is made up.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Command } from "commander";
import { register as check } from "../../../cli/commands/check";
import { register as diff } from "../../../cli/commands/diff";
import { register as explain } from "../../../cli/commands/explain";
import { register as learn } from "../../../cli/commands/learn";
import { register as logs } from "../../../cli/commands/logs";
import { register as matrix } from "../../../cli/commands/matrix";
import { register as replay } from "../../../cli/commands/replay";
import { logSummary, logTable } from "../../../cli/logs/text";
import { matrixTable } from "../../../cli/matrix-table";
import { liveCell, modelMatrix } from "../../../cli/matrix";
import { parseConfig, verdicts } from "../../../model";
import { decider, parseEntry } from "../../../model/access-log";
import { httpsEntry } from "../model/access-log/entries";
import { now } from "../model/config/sound-config";
import { scratchRepository } from "../review/scratch-repository";
import { Ended, runCommand } from "./run-command";

const file = (mode: string) => `config:
  istio-egress:namespaces: { test-app: {} }
  istio-egress:workloads:
    app-a: { namespace: test-app, image: "i:1" }
  istio-egress:destinations:
    github: { hosts: [github.com], protocols: [https] }
    stripe: { hosts: [api.stripe.com], protocols: [https] }
  istio-egress:allow:
    - { from: test-app/app-a, to: github, owner: team-a, reason: r, mode: ${mode} }
    - { from: test-app/app-a, to: stripe, owner: team-a, reason: r }
`;

const entries = [httpsEntry(), httpsEntry({ time: "2026-11-20T10:00:00Z" }), httpsEntry({ host: "api.stripe.com" })];

describe("a rule in report mode", () => {
  let folder: string;
  let recording: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-reporting-"));
    recording = path.join(folder, "calls.jsonl");
    write("report");
    fs.writeFileSync(recording, entries.map((entry) => JSON.stringify(entry)).join("\n"));
  });

  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function write(mode: string): void {
    fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), file(mode));
  }

  function run(register: (program: Command) => void, command: string, ...argv: string[]): Promise<Ended> {
    return runCommand(register, command, ...argv, "--stacks", folder);
  }

  it("is named by check, which is green", async () => {
    const { exitCode, stdout } = await run(check, "check", "shop");
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /\n\nistio-egress:allow\[0\] \(test-app\/app-a → github\): in report mode, which refuses nothing; .*would be denied\.\n {2}mode: enforce, or no mode, /,
    );
    write("enforce");
    assert.doesNotMatch((await run(check, "check", "shop")).stdout, /report/);
    write("watch");
    const wrong = await run(check, "check", "shop");
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stdout, /allow\[0\]\.mode[^]*watch[^]*enforce[^]*report/);
  });

  it("is told by explain, whose call is allowed", async () => {
    const { exitCode, stdout } = await run(explain, "explain", "shop", "test-app/app-a", "https://github.com");
    assert.equal(exitCode, 0);
    assert.match(stdout, /^test-app\/app-a → https:\/\/github\.com: allowed, by a rule in report mode: /);
    assert.match(stdout, /\n {4}mode: report\n/);
    const other = await run(explain, "explain", "shop", "test-app/app-a", "https://api.stripe.com");
    assert.match(other.stdout, /https:\/\/api\.stripe\.com: allowed: /);
    assert.doesNotMatch(other.stdout, /mode:/);
  });

  it("has a word of its own in the matrix, and a count, and an answer agrees", async () => {
    const { stdout } = await run(matrix, "matrix", "shop");
    assert.match(stdout, /app-a {2}github\.com +deny +report +allow\[0\] team-a/);
    assert.match(stdout, /4 calls, 1 to be allowed, 1 to be let pass by rules in report mode, and 2 to be denied\./);
    const verdict = verdictOf("https://github.com");
    const cells = (["allow", "deny", "unclear"] as const).map((shows) => liveCell(verdict, { seen: "seen", shows }));
    assert.deepEqual(
      cells.map(({ ok }) => ok),
      [true, false, false],
    );
    assert.match(matrixTable([cells[0]!]), /✔ report seen/);
  });

  function verdictOf(url: string) {
    const raw = { namespaces: { n: {} }, workloads: { w: { namespace: "n", image: "i" } } };
    const destinations = { github: { hosts: ["github.com"] } };
    const allow = [{ from: "n/w", to: "github", mode: "report" }];
    const config = parseConfig({ ...raw, destinations, allow }, { now });
    return modelMatrix(verdicts(config)).find((cell) => cell.verdict.url === url)!.verdict;
  }

  it("is a change of one word in a diff, and its promotion is for good", async () => {
    const repository = scratchRepository();
    repository.write({ "Pulumi.shop.yaml": file("report") });
    repository.commit("Report");
    repository.write({ "Pulumi.shop.yaml": file("enforce") });
    const { stdout } = await runCommand(diff, "diff", "shop", "--base", "HEAD", "--stacks", repository.folder);
    repository.remove();
    assert.match(stdout, /1 grant changed\./);
    assert.match(stdout, /~ test-app\/app-a → github\.com {2}https {2}mode report → enforce/);
    assert.match(stdout, /! test-app\/app-a → github\.com: passed by a rule in report mode, and is granted for good/);
  });

  it("is in the log's table, with its own count", () => {
    const raw = {
      namespaces: { "test-app": {} },
      workloads: { "app-a": { namespace: "test-app", image: "i" } },
      destinations: { github: { hosts: ["github.com"] } },
      allow: [{ from: "test-app/app-a", to: "github", mode: "report" }],
    };
    const entry = parseEntry(JSON.stringify(httpsEntry()))!;
    const place = { gateway: "egress-gateway", namespace: "istio-egress", pod: "p" };
    const decision = decider(parseConfig(raw, { now }))(entry, place);
    assert.match(logTable().lines([decision]).join("\n"), /✔ would deny .*allow\[0\][^]*\n {4}.*is in report mode/);
    assert.equal(logSummary([decision]), "1 call, 1 allowed and 0 denied; 1 of those allowed would be denied.");
  });

  it("is counted by logs --rules", async () => {
    const { stdout } = await run(logs, "logs", "shop", "--rules", "--from", recording);
    assert.match(stdout, /^RULE +MODE +FROM/);
    assert.match(stdout, /allow\[0\] +report +test-app\/app-a +github +team-a +2 /);
    assert.match(stdout, /allow\[1\] +enforce +test-app\/app-a +stripe +team-a +1 /);
    assert.match(stdout, /\n1 rule in report mode: 2 calls by it would be denied\.\n/);
    const json = JSON.parse((await run(logs, "logs", "shop", "--rules", "--from", recording, "--json")).stdout);
    assert.deepEqual(
      (json as { mode: string }[]).map(({ mode }) => mode),
      ["report", "enforce"],
    );
  });

  it("is proposed by learn to be enforced, which leaves the word to whoever reads it", async () => {
    const { stdout } = await run(learn, "learn", "shop", "--from", recording);
    assert.match(stdout, /^Proposed to be enforced, by mode: enforce in the stack's file/);
    assert.match(stdout, /istio-egress:allow\[0\] +test-app\/app-a +github +2 +2026-11-22 10:15Z/);
    assert.match(stdout, /\n1 call granted by the stack already\./);
    const yaml = await run(learn, "learn", "shop", "--from", recording, "--yaml");
    assert.match(yaml.stdout, /^# Nothing to add\.\n# To be enforced.*\n# {3}istio-egress:allow\[0\], /);
    const written = await run(learn, "learn", "shop", "--from", recording, "--write");
    assert.match(written.stdout, /Nothing is added to /);
    assert.equal(fs.readFileSync(path.join(folder, "Pulumi.shop.yaml"), "utf8"), file("report"));
    write("enforce");
    assert.match((await run(learn, "learn", "shop", "--from", recording)).stdout, /^Nothing to propose/);
  });

  describe("with learn --write --promote", () => {
    const enforcing = (...argv: string[]) =>
      run(learn, "learn", "shop", "--from", recording, "--write", "--promote", ...argv);
    const text = () => fs.readFileSync(path.join(folder, "Pulumi.shop.yaml"), "utf8");

    it("gets its one word, and no other character changes", async () => {
      const { exitCode, stdout } = await enforcing();
      assert.equal(exitCode, 0);
      assert.equal(text(), file("report").replace("mode: report", "mode: enforce"));
      assert.match(stdout, /Changed in .*: mode: enforce on 1 rule that only reported\./);
      assert.match((await run(learn, "learn", "shop", "--from", recording)).stdout, /^Nothing to propose/);
    });

    it("is offered that without --promote, and taken only beside --write", async () => {
      const { stdout } = await run(learn, "learn", "shop", "--from", recording, "--write");
      assert.match(stdout, /1 rule that only reports was used: --promote writes mode: enforce at it\./);
      const alone = await run(learn, "learn", "shop", "--from", recording, "--promote");
      assert.deepEqual([alone.exitCode, /only with --write/.test(alone.stderr)], [2, true]);
    });

    it("gets it in quotes, and in lines of its own with a comment behind it", async () => {
      const rule = "{ from: test-app/app-a, to: github, owner: team-a, reason: r, mode: report }";
      for (const written of [
        file("'report'"),
        file('"report"'),
        file("report").replace(rule, "from: test-app/app-a\n      to: github\n      mode: report # until we know"),
      ]) {
        fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), written);
        assert.equal((await enforcing()).exitCode, 0, written);
        assert.equal(text(), written.replace(/'report'|"report"|report/, "enforce"));
      }
    });

    it("stays where it is in the base of the stack's file, and that is said", async () => {
      const [head, rules] = file("report").split("  istio-egress:allow:\n") as [string, string];
      fs.writeFileSync(path.join(folder, "base.yaml"), `config:\n  istio-egress:allow:\n${rules}`);
      const own = `${head}  istio-egress:extends: base\n`;
      fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), own);
      const { exitCode, stdout } = await enforcing();
      assert.deepEqual([exitCode, text()], [0, own]);
      assert.match(stdout, /1 rule that only reports is not in this file: write mode: enforce in its base\./);
    });
  });

  it("is told by replay, whose calls pass", async () => {
    const { exitCode, stdout } = await run(replay, "replay", "shop", "--from", recording);
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /3 recorded calls would pass as before; 2 of them by rules in report mode only, and would be refused/,
    );
    write("enforce");
    assert.doesNotMatch((await run(replay, "replay", "shop", "--from", recording)).stdout, /report mode/);
  });
});
