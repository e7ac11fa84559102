// Access beside the stack's file: taken by one command, seen in the logs, ended by the gateway at its moment, removed without
// a trace; and refused where it has to be. The twin of each call is one that a rule of the stack grants.
// Does not prove: what other users than an administrator may do; kubectl and the API server's own rules say that.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { egress, kubectl, kubectlJson } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { tryPulumi } from "./support/pulumi";
import { liveReport } from "./support/report";
import { appA, appB, curl, hammer, seenOutside } from "./support/requests";
import { startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const schemes = ["http", "https"] as const;
const grant = (...args: string[]) => egress(["grant", "lab", ...args], { seconds: 600 });
const taken = ["--reason", "the vendor is down", "--owner", "team-b", "--yes"];
const records = () =>
  kubectl("get", "configmaps", "--namespace=istio-egress", "--selector=istio-egress/break-glass=lab");

/** The specs of everything that a grant may change. */
function objects(): string {
  const kinds = [
    "validatingadmissionpolicies",
    "envoyfilters",
    "serviceentries",
    "destinationrules",
    "authorizationpolicies",
    "sidecars",
  ];
  const { items } = kubectlJson<{ items: { kind: string; metadata: { name: string }; spec: object }[] }>(
    "get",
    kinds.join(","),
    "--all-namespaces",
  );
  return JSON.stringify(items.map(({ kind, metadata, spec }) => [kind, metadata.name, spec]));
}

describe("access for an hour", function () {
  this.timeout(900_000);
  const host = "example.com";
  let thief: Thief;
  let original: string;

  before(() => {
    original = objects();
    thief = startThief("thief-b", "app-b");
  });

  after(() => {
    thief?.remove();
    assert.equal(grant("--clean", "--yes").exitCode, 0);
  });

  for (const [what, args, problem] of [
    ["a denied host", ["test-app/app-b", "cnn.com", "--for", "1h"], /deny holds cnn\.com/],
    ["longer than the limit", ["test-app/app-b", host, "--for", "9h"], /9h is longer.*8h at most/],
    ["an unknown workload", ["test-app/app-z", host, "--for", "1h"], /no workload "test-app\/app-z"/],
    ["a private address", ["test-app/app-b", "10.0.0.1", "--for", "1h"], /is an address/],
    ["a metadata server", ["test-app/app-b", "metadata.google.internal", "--for", "1h"], /No gateway ever reaches/],
  ] as const) {
    it(`is refused for ${what}, and nothing is applied`, () => {
      const { exitCode, stdout, stderr } = grant(...args, ...taken);
      assert.equal(exitCode, 1, stdout);
      assert.match(stderr, new RegExp(`^Not granted: .*${problem.source}.*\\n$`));
      assert.equal(objects(), original);
    });
  }

  it("is printed and not applied with --dry-run, and asked for where nobody said --yes", () => {
    const shown = grant("test-app/app-b", host, "--for", "1h", "--reason", "a test", "--dry-run");
    assert.equal(shown.exitCode, 0, shown.stderr);
    for (const kind of ["ConfigMap", "EnvoyFilter", "ServiceEntry", "AuthorizationPolicy", "Sidecar"]) {
      assert.match(shown.stdout, new RegExp(`^kind: ${kind}$`, "m"));
    }
    assert.equal(grant("test-app/app-b", host, "--for", "1h", "--reason", "a test").exitCode, 2);
    assert.equal(objects(), original);
    assert.match(records(), /^$/);
  });

  it("is the host's for its workload and nobody else, until the gateway ends it", async () => {
    const path = `/${randomBytes(6).toString("hex")}`;
    for (const scheme of schemes) {
      assert.ok(![200, 301].includes(curl(appB, `${scheme}://${host}/`).status));
    }
    const { exitCode, stdout, stderr } = grant("test-app/app-b", host, "--for", "2m", ...taken);
    assert.equal(exitCode, 0, stderr);
    const [, moment] = /until (\S+Z)\. The gateway ends it by itself/.exec(stdout)!;
    const end = Date.parse(moment!) / 1000;
    for (const scheme of schemes) {
      await until(`${scheme} is open`, 90, () => curl(appB, `${scheme}://${host}${path}`).status === 200);
      assert.ok(![200, 301].includes(curl(appA, `${scheme}://${host}${path}-a`).status));
      assert.ok(![200, 301].includes(curl(hammer, `${scheme}://${host}${path}-h`).status));
    }
    assert.equal(thief.http(host, `${path}-thief`).status, 200);
    assert.equal(seenOutside(`${path}-a`).length + seenOutside(`${path}-h`).length, 0);
    assert.ok(Date.now() / 1000 < end, "there is no time left before the end");

    let last = 0;
    let refused = { begun: 0, ended: 0 };
    await until("it is over", 240, () => {
      const begun = Date.now() / 1000;
      const { status } = curl(appB, `http://${host}/`);
      refused = { begun, ended: Date.now() / 1000 };
      last = status === 200 ? begun : last;
      return status !== 200;
    });
    process.stdout.write(
      `      the first call that was refused began ${(refused.begun - end).toFixed(1)} s after the end\n`,
    );
    // A call takes kubectl a moment: what it begins before the end may come to the gateway after, and never the other way.
    assert.ok(last < end + 1, `one that began ${last - end} s after the end was answered`);
    assert.ok(refused.ended > end - 1, `one was refused ${end - refused.ended} s before the end`);
    assert.equal(curl(appB, `https://${host}/`).status, 0);
    assert.equal(thief.http("EXAMPLE.com", `${path}-late`).status, 403);
    for (const scheme of schemes) {
      assert.equal(curl(appB, `${scheme}://www.google.com/`).status, 200);
    }
  });

  it("is in the logs, with who answers for it, and as over once it is", async () => {
    const read = () =>
      loggedDecisions(["--since", "10m"]).filter(
        (decision) => decision.from === "test-app/app-b" && decision.host === host,
      );
    let seen: Decision[] = [];
    await until("both are logged", 90, () => {
      seen = read();
      return seen.some(({ allowed }) => allowed) && seen.some(({ because }) => /by itself/.test(because ?? ""));
    });
    const over = seen.find(({ because }) => /by itself/.test(because ?? ""))!;
    assert.deepEqual([over.allowed, over.ok], [false, true]);
    assert.match(
      over.because!,
      /access to break-glass-to-\S+ ended at .*, by itself; .*break-glass-\S+ allowed it until/,
    );
  });

  it("is listed, told by doctor, and removed without a trace; an update of the stack finds nothing to do", () => {
    assert.match(grant().stdout, /test-app\/app-b +example\.com +over since .* team-b +the vendor is down/);
    const left = egress(["doctor", "lab"], { seconds: 600 });
    // Of the pod of the thief it has something to say.
    assert.match(left.stdout, /found nothing \(kinds, .*drift, leftovers, .*istio-objects/);
    assert.match(left.stdout, /Taken by egress grant and over since .*egress grant lab --clean removes what is left/);
    const cleaned = grant("--clean", "--yes");
    assert.equal(cleaned.exitCode, 0, cleaned.stderr);
    assert.equal(objects(), original);
    assert.match(records(), /^$/);
    const { exitCode, stdout } = tryPulumi(["preview", "--expect-no-changes"]);
    assert.equal(exitCode, 0, stdout);
  });

  it("names the rule while it lasts, and is ended before its time", async () => {
    assert.equal(grant("test-app/app-b", "github.com", "--for", "1h", ...taken).exitCode, 0);
    await until("it is open", 90, () => curl(appB, "https://github.com/").status === 200);
    // The matrix of the mesh has it as granted, and that of the file as what a rule does not grant.
    const part = ["matrix", "lab", "--json", "--from=test-app/app-b", "--to=github.com"];
    const cells = (...more: string[]) =>
      JSON.parse(egress([...part, ...more]).stdout) as { expected: string; ok: unknown }[];
    await until("the matrix finds it open", 90, () =>
      cells("--live").every(({ expected, ok }) => expected === "allow" && ok === true),
    );
    assert.ok(cells().every(({ expected }) => expected === "deny"));
    // Evidence has it as a rule, and nothing on the cluster as changed by somebody else.
    const { matrix, rules, cluster } = liveReport().evidence;
    assert.equal(matrix.disagree, 0);
    assert.ok(rules.some(({ from, reason }) => from === "test-app/app-b" && reason === taken[1]));
    assert.ok(cluster!.passed.some(({ check }) => check === "drift"));
    const again = grant("test-app/app-a", "github.com", "--for", "1h", ...taken);
    assert.match(again.stderr, /allow\[0\] grants test-app\/app-a the host github\.com already/);
    const path = `/${randomBytes(6).toString("hex")}`;
    assert.equal(curl(appB, `http://github.com${path}`).status, 301);
    let decision: Decision | undefined;
    await until("it is logged", 90, () => {
      decision = loggedDecisions(["--since", "2m"]).find((each) => each.path === path);
      return decision !== undefined;
    });
    assert.deepEqual([decision!.allowed, decision!.ok, decision!.owner], [true, true, "team-b"]);
    assert.match(decision!.rule!, /^break-glass-/);
    // From another namespace, and to a workload that was granted nothing before.
    assert.ok(curl(hammer, "https://github.com/").status === 0);
    assert.equal(grant("istio-workload/hammer", "github.com", "--for", "1h", ...taken).exitCode, 0);
    await until("it is open", 90, () => curl(hammer, "https://github.com/").status === 200);
    assert.equal(grant("istio-workload/hammer", "github.com", "--end", "--yes").exitCode, 0);
    await until("it is closed", 60, () => curl(hammer, "https://github.com/").status === 0);
    assert.equal(curl(appB, "https://github.com/").status, 200);
    assert.equal(grant("test-app/app-b", "github.com", "--end", "--yes").exitCode, 0);
    await until("it is closed", 60, () => curl(appB, "https://github.com/").status === 0);
    assert.equal(curl(appB, "https://github.com/").status, 0);
    assert.equal(curl(appA, "https://github.com/").status, 200);
    assert.equal(objects(), original);
  });
});
