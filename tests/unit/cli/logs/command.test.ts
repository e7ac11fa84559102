// `egress logs` as it is called: what it prints, and how it ends.
// Does not prove: that Ctrl-C reaches it in a terminal; it is told to end by a signal here.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { register } from "../../../../cli/commands/logs";
import { atHome, httpEntry, httpsEntry, refusedHttp } from "../../model/access-log/entries";
import { soundConfig } from "../../model/config/sound-config";
import { Ended, runCommand } from "../run-command";
import { FakeKubectl, logLine } from "./fake-kubectl";

const hammer = "spiffe://cluster.local/ns/istio-workload/sa/hammer";
const lines = [
  logLine(httpEntry(), 1),
  logLine(httpEntry({ ...refusedHttp, identity: hammer }), 2),
  logLine(httpsEntry({ host: "httpbin.org", flags: "UF" }), 3),
];

describe("egress logs", () => {
  let folder: string;
  let kubectl: FakeKubectl;

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-stacks-"));
    const raw = { ...soundConfig(), allow: [{ from: "test-app/app-a", to: "github", owner: "team-a" }] };
    const config = Object.fromEntries(Object.entries(raw).map(([key, value]) => [`istio-egress:${key}`, value]));
    fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), stringify({ config }));
  });

  after(() => fs.rmSync(folder, { recursive: true }));

  beforeEach(() => {
    kubectl = new FakeKubectl();
    kubectl.pods({ "egress-gateway-a": {} });
    kubectl.log("egress-gateway-a", lines);
  });

  afterEach(() => kubectl.remove());

  function logs(...argv: string[]): Promise<Ended> {
    return runCommand(register, "logs", "shop", "--stacks", folder, ...argv);
  }

  it("writes an event of OCSF a line with --format ocsf, and refuses other forms", async () => {
    const { exitCode, stdout } = await logs("--format", "ocsf");
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      [exitCode, events.map(({ class_uid, action_id, src_endpoint }) => [class_uid, action_id, src_endpoint.name])],
      [
        0,
        [
          [4001, 1, "test-app/app-a"],
          [4001, 2, "istio-workload/hammer"],
          [4001, 1, "test-app/app-a"],
        ],
      ],
    );
    const refused: [argv: string[], message: string][] = [
      [["--format", "cef"], '--format takes table, json or ocsf, and not "cef".\n'],
      [["--format", "ocsf", "--json"], "--json and --format ocsf are different outputs: choose one.\n"],
      [["--format", "ocsf", "--rules"], "--format is taken not beside --rules.\n"],
    ];
    for (const [argv, message] of refused) {
      const ended = await logs(...argv);
      assert.deepEqual([ended.exitCode, ended.stderr], [2, message]);
    }
  });

  it("shows a table of who called what, what was decided and by which rule, with the reasons below", async () => {
    const { exitCode, stdout } = await logs();
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      `TIME                  FROM                   CALL                 DECISION     RULE             DECIDED BY        UPSTREAM
2026-11-22 10:15:01Z  test-app/app-a         http://github.com    ✔ allow 200  allow[0] team-a  egress-gateway-a  203.0.113.11:80
2026-11-22 10:15:02Z  istio-workload/hammer  http://github.com    ✔ deny  403                   egress-gateway-a
    it belongs to the destination "github", which is allowed to test-app/app-a
2026-11-22 10:15:03Z  test-app/app-a         https://httpbin.org  ✘ allow UF                    egress-gateway-a  203.0.113.11:443
    no rule grants it now: it belongs to the destination "httpbin", which is allowed to nobody; the call is older than the configuration, or another one is applied

3 calls, 2 allowed and 1 denied: 1 not as the configuration says, marked ✘.
`,
    );
  });

  it("gives the denied ones alone, as JSON a line each", async () => {
    const { exitCode, stdout } = await logs("--denied", "--json");
    assert.equal(exitCode, 0);
    assert.deepEqual(
      stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
      [
        {
          time: "2026-11-22T10:15:02.123Z",
          from: "istio-workload/hammer",
          identity: hammer,
          protocol: "http",
          host: "github.com",
          allowed: false,
          ok: true,
          because: 'it belongs to the destination "github", which is allowed to test-app/app-a',
          at: "gateway",
          gateway: "egress-gateway",
          namespace: "istio-egress",
          pod: "egress-gateway-a",
          received: 0,
          sent: 19,
          status: 403,
          method: "GET",
          path: "/x",
          request: "0a1b2c3d-0000-4000-8000-000000000000",
          rule: null,
          owner: null,
        },
      ],
    );
    const all = (await logs("--json")).stdout.split("\n").filter(Boolean);
    const { rule, owner } = JSON.parse(all[0]!) as Record<string, unknown>;
    assert.deepEqual([all.length, rule, owner], [3, "istio-egress:allow[0]", "team-a"]);
  });

  it("shows what sidecars refused, unless it is told not to ask them", async () => {
    kubectl.sidecars({ "test-app": ["app-a-1"] });
    const refused = httpEntry({ ...atHome, port: 80, host: "example.com", status: 502 });
    kubectl.log("app-a-1", [logLine(refused, 4)]);
    const { exitCode, stdout } = await logs();
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /test-app\/app-a +http:\/\/example\.com +✔ deny {2}502 +the sidecar of app-a-1\s+no destination has this host\n/,
    );
    const ofSidecars = kubectl.reads().filter((read) => read.includes("--namespace test-app "));
    assert.equal(ofSidecars.length, 1);
    assert.match(ofSidecars[0]!, /^logs app-a-1 --namespace test-app --container istio-proxy /);
    assert.match(stdout, /4 calls, 2 allowed and 2 denied/);
    assert.doesNotMatch((await logs("--no-sidecars")).stdout, /example\.com/);
  });

  it("reads an hour back, unless it is told otherwise", async () => {
    for (const [argv, asked] of [
      [[], "--since=1h"],
      [["--since", "1h30m"], "--since=1h30m"],
      [["--since", "2d"], "--since=172800s"],
      [["--tail", "20"], "--tail=20"],
      [["--since", "10m", "--tail", "0"], "--since=10m --tail=0"],
    ] as const) {
      await logs(...argv);
      assert.equal(
        kubectl
          .reads()
          .at(-1)!
          .replace(/^.*--timestamps /, ""),
        asked,
      );
    }
  });

  it("says so when nothing was logged", async () => {
    kubectl.log("egress-gateway-a", []);
    assert.match((await logs()).stdout, /\n0 calls, 0 allowed and 0 denied\.\n$/);
    assert.equal((await logs("--json")).stdout, "");
  });

  it("lets no caller write on the terminal by the name that it calls", async () => {
    kubectl.log("egress-gateway-a", [logLine(httpEntry({ ...refusedHttp, host: "a\u001b[2J\r\nb" }), 1)]);
    const { stdout } = await logs();
    assert.match(stdout, /http:\/\/a\ufffd\[2j\ufffd\ufffdb/);
    assert.doesNotMatch(stdout, /[\u001b\r]/);
  });

  it("ends with 1 and a sentence when the cluster cannot be asked", async () => {
    kubectl.fails("get", "no route to host");
    for (const argv of [[], ["--follow"]]) {
      assert.deepEqual(await logs(...argv), {
        exitCode: 1,
        stdout: "",
        stderr: "kubectl cannot list the gateways' pods in istio-egress: no route to host\n",
      });
    }
  });

  it("ends with 2 for gateways that list their hosts, which have no such log", async () => {
    const mesh = { "istio-egress:mesh": { kind: "existing", envoyFilters: false } };
    fs.writeFileSync(path.join(folder, "Pulumi.listing.yaml"), stringify({ config: mesh }));
    const { exitCode, stdout, stderr } = await runCommand(register, "logs", "listing", "--stacks", folder);
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.match(stderr, /takes no EnvoyFilter.*the mesh's own access log/s);
  });

  it("ends with 2 for limits that are none, and for a stack that is not there", async () => {
    for (const [argv, says] of [
      [["--since", "yesterday"], /--since takes days.*not "yesterday"/],
      [["--since", "0s"], /not "0s"/],
      [["--since", ""], /not ""/],
      [["--tail", "-1"], /--tail takes a number of lines.*not "-1"/],
      [["--stacks", "/nowhere"], /no stack "shop"/],
    ] as const) {
      const { exitCode, stderr } = await logs(...argv);
      assert.equal(exitCode, 2, argv.join(" "));
      assert.match(stderr, says);
    }
    assert.deepEqual(kubectl.calls(), []);
  });

  for (const how of ["SIGINT", "SIGTERM", "a reader that has gone"] as const) {
    it(`follows until ${how}, ends with 0 and leaves no kubectl`, async () => {
      const { stamp, entry } = /^(?<stamp>\S+):01\.5\S+ (?<entry>.*)$/.exec(lines[0]!)!.groups!;
      const oneByOne = `n=10; while sleep 0.1; do n=$((n+1)); echo "${stamp}:$n.500000000Z "'${entry}'; done`;
      kubectl.log("egress-gateway-a", lines, oneByOne);
      const cli = path.resolve(__dirname, "../../../../cli/egress.js");
      const child = spawn("node", [cli, "logs", "shop", "--stacks", folder, "--follow", "--json"]);
      let stdout = "";
      let stderr = "";
      child.stderr.on("data", (text) => (stderr += String(text)));
      const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
      await new Promise<void>((resolve) =>
        child.stdout.on("data", (text) => {
          stdout += String(text);
          if (stdout.split("\n").length > 4) {
            resolve();
          }
        }),
      );
      if (how === "a reader that has gone") {
        child.stdout.destroy();
      } else {
        child.kill(how);
      }
      assert.equal(await ended, 0, stderr);
      assert.equal(stderr, "");
      assert.deepEqual(kubectl.streams(), []);
    });
  }
});
