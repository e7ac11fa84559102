// `egress logs lab`: real calls, as the gateways have logged them, and followed.
// Does not prove: streams over hours, whose breaks the unit tests make; clusters whose nodes rotate logs early.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { egress, kubectl, repository } from "./support/commands";
import { Decision, decisionsIn, loggedDecisions } from "./support/decisions";
import { Pretender, startPretender } from "./support/pretender";
import { appA, curl, hammer } from "./support/requests";
import { until } from "./support/until";

const httpbin = "203.0.113.11";
const identityOf = (account: string) => `spiffe://cluster.local/ns/test-app/sa/${account}`;

const decisions = (...options: string[]) => loggedDecisions(["--since", "5m", ...options]);

describe("egress logs lab", () => {
  let start: string;
  const mark = `/logs-${process.pid}`;
  /** app-b with app-a's hosts in its sidecar: what it asks for comes to the gateway, which is to refuse it. */
  let pretender: Pretender;
  let seen: Decision[];

  function only(what: (decision: Decision) => boolean): Decision {
    const found = seen.filter((decision) => decision.time >= start && what(decision));
    assert.equal(found.length, 1, JSON.stringify(found));
    return found[0]!;
  }

  const isHttp = (decision: Decision) => decision.path === mark;
  const isHttps = ({ protocol, host, from }: Decision) =>
    protocol === "https" && (host === "httpbin.org" || (host === "github.com" && from === "test-app/app-b"));

  before(async () => {
    pretender = startPretender("pretender-b", "app-b");
    start = new Date().toISOString();
    assert.equal(curl(appA, `http://httpbin.org${mark}`).status, 200);
    assert.equal(curl(appA, `https://httpbin.org${mark}`).status, 200);
    assert.equal(await pretender.answered(`http://github.com${mark}`), "403");
    assert.throws(() => pretender.ask(`https://github.com${mark}`), /exit/);
    await until("the four calls are logged", 90, () => {
      seen = decisions().filter(({ time }) => time >= start);
      return seen.filter((decision) => isHttp(decision) || isHttps(decision)).length >= 4;
    });
  });

  after(() => pretender.remove());

  function assertAllowed(decision: Decision, upstream: string): void {
    const { exitCode, stdout } = egress(["explain", "lab", "test-app/app-a", `http://httpbin.org`, "--json"]);
    assert.equal(exitCode, 0);
    const { from, identity, allowed, ok, because, gateway, owner, rule } = decision;
    assert.deepEqual([from, identity, allowed, ok], ["test-app/app-a", identityOf("app-a"), true, true]);
    assert.deepEqual([decision.upstream, because, gateway, owner], [upstream, undefined, "egress-gateway", "team-a"]);
    assert.equal(rule, (JSON.parse(stdout) as { rule: { path: string } }).rule.path);
    const pods = kubectl("get", "pods", "--namespace=istio-egress", "--output=jsonpath={.items[*].metadata.name}");
    assert.ok(pods.split(" ").includes(decision.pod), `${decision.pod} is none of ${pods}`);
  }

  function assertDenied(decision: Decision): void {
    const { from, identity, host, allowed, ok, rule, owner } = decision;
    assert.deepEqual([from, identity, host], ["test-app/app-b", identityOf("app-b"), "github.com"]);
    assert.deepEqual([allowed, ok, rule, owner], [false, true, null, null]);
    assert.match(decision.because!, /belongs to the destination "github", which is allowed to .*test-app\/app-a/);
  }

  it("shows an allowed http call with its identity, host, rule, owner, gateway pod and address", () => {
    const decision = only((each) => isHttp(each) && each.host === "httpbin.org");
    assertAllowed(decision, `${httpbin}:80`);
    assert.equal(decision.status, 200);
  });

  it("shows an allowed https call the same", () => {
    assertAllowed(
      only((each) => isHttps(each) && each.host === "httpbin.org"),
      `${httpbin}:443`,
    );
  });

  it("shows that the gateway refused another identity, over http and https, and why", () => {
    const http = only((each) => isHttp(each) && each.host === "github.com");
    assertDenied(http);
    assert.equal(http.status, 403);
    const https = only((each) => isHttps(each) && each.host === "github.com");
    assertDenied(https);
    // By default Envoy would have connected to the host before the policies spoke.
    assert.deepEqual([http.upstream, https.upstream], [undefined, undefined]);
  });

  it("shows what the workload's own sidecar refused, by the name that was asked for, and nothing that it let pass", async () => {
    const refused = ["http", "https"].map((protocol) => `${protocol}://www.example.com`);
    const { status, body } = curl(appA, `http://www.example.com${mark}?token=secret`);
    assert.equal(status, 502);
    assert.match(body, /^http:\/\/www\.example\.com was refused by the sidecar of test-app\/app-a: no rule /);
    // What it tells to ask is answered.
    const asked = /egress explain <stack> (\S+) '(\S+)'/.exec(body)!;
    assert.equal(egress(["explain", "lab", asked[1]!, asked[2]!]).exitCode, 1);
    assert.equal(curl(appA, `https://www.example.com${mark}`).status, 0);
    // hammer knows no host on port 443, and its sidecar listens for none.
    assert.equal(curl(hammer, `https://www.example.com${mark}`).status, 0);
    assert.equal(curl(hammer, "https://www.example.com:8443/").status, 0);
    const atHome = () =>
      decisions().filter(({ time, at, from }) => time >= start && at === "sidecar" && from !== "test-app/app-b");
    await until("the four refusals are logged", 90, () => atHome().length >= 4);
    const address = "203.0.113.14";
    assert.deepEqual(
      atHome().map(({ from, protocol, host, allowed, ok, status }) => [
        from,
        `${protocol}://${host}`,
        allowed,
        ok,
        status,
      ]),
      [
        ["test-app/app-a", refused[0], false, true, 502],
        ["test-app/app-a", refused[1], false, true, undefined],
        ["istio-workload/hammer", refused[1], false, true, undefined],
        ["istio-workload/hammer", `tcp://${address}:8443`, false, true, undefined],
      ],
    );
    const [http] = atHome();
    assert.deepEqual([http!.path, http!.gateway], [mark, undefined]);
    assert.match(http!.because!, /^no destination has this host/);
  });

  it("is in the order of time", () => {
    assert.deepEqual(
      seen.map(({ time }) => time),
      seen.map(({ time }) => time).sort(),
    );
  });

  it("with --denied names who asked for what, and none that was allowed", () => {
    assert.ok(decisions("--denied").every(({ allowed }) => !allowed));
    const { exitCode, stdout } = egress(["logs", "lab", "--since", "5m", "--denied"]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /Z {2}test-app\/app-b +http:\/\/github\.com +✔ deny {2}403 .*\n +it belongs to/);
    assert.match(stdout, /Z {2}test-app\/app-b +https:\/\/github\.com +✔ deny .*\n +it belongs to/);
    assert.doesNotMatch(stdout, /✔ allow/);
  });

  it("follows, until it is interrupted", async () => {
    const cli = path.join(repository, "cli", "egress.js");
    const child = spawn("node", [cli, "logs", "lab", "--follow", "--denied", "--tail", "0", "--json"]);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => (stdout += String(text)));
    child.stderr.on("data", (text) => (stderr += String(text)));
    const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
    try {
      // With --tail 0 it shows new calls alone, and it does not say when it has begun.
      const path = `${mark}-followed`;
      for (let tries = 0; !stdout.includes(path); tries++) {
        assert.ok(tries < 45, `nothing followed: ${stdout}${stderr}`);
        pretender.ask(`http://github.com${path}`);
        await delay(2000);
      }
    } finally {
      child.kill("SIGINT");
    }
    assert.equal(await ended, 0, stderr);
    const followed = decisionsIn(stdout);
    assert.ok(followed.every(({ from, allowed }) => from === "test-app/app-b" && !allowed));
  });
});
