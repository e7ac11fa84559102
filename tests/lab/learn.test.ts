// From refused calls to rules: learnt from the logs of gateways and sidecars, written into a copy of the stack, applied and
// replayed.
// Does not prove: learning from a log store's export of the same lines, which unit tests read.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { scratchCheckout } from "./support/checkout";
import { egress } from "./support/commands";
import { Pretender, startPretender } from "./support/pretender";
import { apply } from "./support/pulumi";
import { appA, appB, curl } from "./support/requests";
import { until } from "./support/until";

interface Learnt {
  learnt: { from: string; protocol: string; host: string; calls: number; refused: number; to: string }[];
  rules: { from: string; to: string }[];
}

describe("egress learn and egress replay", () => {
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const stacks = path.join(checkout.folder, "stacks");
  /** app-b with app-a's hosts in its sidecar: what it asks for comes to the gateway, which refuses it. */
  let pretender: Pretender;
  let begin: number;

  /** Nothing of what other tests have called. */
  const since = () => `--since=${Math.ceil((Date.now() - begin) / 1000)}s`;

  before(async () => {
    // A command counts from when it has started, which is later: the pod takes longer to be ready than a command to start.
    begin = Date.now();
    pretender = startPretender("learner-b", "app-b");
    assert.equal(await pretender.answered("http://github.com/learn"), "403");
    assert.throws(() => pretender.ask("https://github.com/learn"), /exit/);
    // Refused at home: no gateway knows of it.
    assert.equal(curl(appB, "http://github.com/learn").status, 502);
    assert.equal(curl(appA, "http://httpbin.org/learn").status, 200);
  });

  after(() => {
    try {
      pretender.remove();
      apply("up", pristine.folder);
    } finally {
      checkout.remove();
      pristine.remove();
    }
  });

  it("finds the refused calls in the logs of gateways and sidecars, by identity and name, and proposes the one rule", async () => {
    let found: Learnt;
    await until("the three calls are logged", 90, () => {
      found = JSON.parse(egress(["learn", "lab", since(), "--json"]).stdout) as Learnt;
      return found.learnt.reduce((sum, { calls }) => sum + calls, 0) >= 3;
    });
    assert.deepEqual(
      found!.learnt.map(({ from, protocol, host, calls, refused, to }) => [from, protocol, host, calls, refused, to]),
      [
        ["test-app/app-b", "http", "github.com", 2, 2, "github"],
        ["test-app/app-b", "https", "github.com", 1, 1, "github"],
      ],
    );
    assert.deepEqual(
      found!.rules.map(({ from, to }) => [from, to]),
      [["test-app/app-b", "github"]],
    );
  });

  it("writes it into the stack's file, which is sound and otherwise as it was", () => {
    const file = path.join(stacks, "Pulumi.lab.yaml");
    const before = fs.readFileSync(file, "utf8").split("\n");
    const { exitCode, stderr } = egress(["learn", "lab", since(), "--write", "--owner", "team-b", "--stacks", stacks]);
    assert.equal(exitCode, 0, stderr);
    const after = fs.readFileSync(file, "utf8").split("\n");
    const at = after.findIndex((line, index) => line !== before[index]);
    const added = after.splice(at, 4);
    assert.deepEqual(after, before);
    assert.deepEqual(added.slice(0, 3), ["    - from: test-app/app-b", "      to: github", "      owner: team-b"]);
    assert.match(added[3]!, /^ {6}reason: learnt from 3 refused calls on \d{4}-\d\d-\d\d$/);
    assert.equal(egress(["check", "lab", "--stacks", stacks]).exitCode, 0);
  });

  it("makes what was refused work, once it is applied, and nothing that was not called", async () => {
    assert.notEqual(curl(appB, "http://github.com/learn").status, 301);
    apply("up", checkout.folder);
    await until("app-b reaches github.com", 90, () => curl(appB, "http://github.com/learnt").status === 301);
    await until("and by https", 90, () => curl(appB, "https://github.com/learnt").status === 200);
    assert.equal(curl(appB, "http://httpbin.org/learnt").status, 502);
    assert.equal(curl(appA, "http://httpbin.org/learnt").status, 200);
  });

  it("replays what was called then: nothing breaks by the file that is applied, and the old one would refuse it", async () => {
    await until("the calls are logged", 90, () => {
      const { exitCode, stdout } = egress(["replay", "lab", since()]);
      return exitCode === 1 && (stdout.match(/ would refuse \d+ calls? /g) ?? []).length === 2;
    });
    const { exitCode, stdout } = egress(["replay", "lab", since(), "--stacks", stacks]);
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /^The stack lab would refuse no call that passed\.\n\d+ recorded calls would pass as before/);
    const old = egress(["replay", "lab", since()]).stdout;
    assert.match(
      old,
      /would refuse \d+ calls? that test-app\/app-b made to http:\/\/github\.com, last on .*: it belongs to/,
    );
    assert.match(old, /would refuse 1 call that test-app\/app-b made to https:\/\/github\.com, last on /);
  });
});
