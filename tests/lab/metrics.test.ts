// What gateways and sidecars count, read from their pods as Prometheus would; and a rule that only reports, there and back.
// Does not prove: that a Prometheus scrapes and alerts so (tests/static/alerts.test.ts has the alerts), nor Istio's own Envoy.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { egress, inLab, kubectl, kubectlJson } from "./support/commands";
import { loggedDecisions } from "./support/decisions";
import { underLoad } from "./support/load";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, Caller, curl } from "./support/requests";
import { startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const monitoring = "monitoring";
const image = "lab.istio-egress.local/workload:1";

/** What was counted under certain labels. */
interface Counted {
  labels: Record<string, string>;
  count: number;
}

const identity = ({ namespace, workload }: Caller) => `spiffe://cluster.local/ns/${namespace}/sa/${workload}`;

describe("metrics: {mode: counters}", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const thieves: Thief[] = [];
  const made = [{ remove: () => void kubectl("delete", "namespace", monitoring, "--ignore-not-found", "--wait=true") }];

  /** Asks a pod's port for statistics from a pod of the namespace `monitoring`; undefined where no answer came. */
  function scrape(from: string, address: string): string | undefined {
    const url = `http://${address}:15090/stats/prometheus`;
    const { exitCode, stdout } = inLab([
      "kubectl",
      "exec",
      from,
      `--namespace=${monitoring}`,
      "--",
      "curl",
      "-s",
      "--max-time",
      "15",
      "--fail",
      url,
    ]);
    return exitCode === 0 ? stdout : undefined;
  }

  function addresses(namespace: string, selector: string): string[] {
    const { items } = kubectlJson<{ items: { metadata: { deletionTimestamp?: string }; status: { podIP: string } }[] }>(
      ...["get", "pods", `--namespace=${namespace}`, `--selector=${selector}`],
    );
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ status }) => status.podIP);
  }

  const gateways = () => addresses("istio-egress", "istio=egress-gateway");

  /** Every line of the counter, of several pods. */
  function counters(pods: string[]): Counted[] {
    return pods.flatMap((address) => {
      const text = scrape("prometheus", address);
      assert.ok(text !== undefined, `${address} did not answer Prometheus`);
      return text
        .split("\n")
        .filter((line) => line.startsWith("envoy_istio_egress_calls{"))
        .map((line) => {
          const [, labels = "", count = ""] = /^[^{]+\{(.*)\} (\d+)$/.exec(line) ?? [];
          const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]);
          return { labels: Object.fromEntries(pairs) as Record<string, string>, count: Number(count) };
        });
    });
  }

  const sum = (counted: Counted[], labels: Record<string, string>): number =>
    counted
      .filter((each) => Object.entries(labels).every(([name, value]) => (each.labels[name] ?? "") === value))
      .reduce((all, { count }) => all + count, 0);

  const atGateways = (labels: Record<string, string>) => sum(counters(gateways()), { at: "gateway", ...labels });

  before(() => {
    kubectl("create", "namespace", monitoring);
    const pod = (name: string, label: string) =>
      kubectl(
        ...["run", name, `--namespace=${monitoring}`, `--labels=app.kubernetes.io/name=${label}`],
        ...["--image-pull-policy=IfNotPresent", `--image=${image}`],
      );
    pod("prometheus", "prometheus");
    pod("curious", "curious");
    kubectl("wait", `--namespace=${monitoring}`, "--for=condition=Ready", "pod", "--all", "--timeout=240s");
  });

  after(() => putBack({ checkout, pristine }, [...thieves, ...made]));

  /** Has the rule app-b → google in that mode. */
  const applyMode = (mode: "enforce" | "report") => {
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["metrics", "mode"], "counters");
      set(["allow", 2, "mode"], mode);
    });
    apply("up", checkout.folder);
  };
  const load = { caller: appB, urls: ["http://www.google.com", "https://www.google.com"] };

  it("is turned on, with a rule that only reports, and loses no call", async () => {
    const { made: calls, failed } = await underLoad(load, () => applyMode("report"));
    assert.equal(failed, 0, `${failed} of ${calls} failed`);
    assert.ok(calls > 20, `${calls} calls only`);
  });

  it("opens the gateways' port to Prometheus' pods, and to nobody else in its namespace", async () => {
    const [address] = gateways();
    await until("Prometheus is let in", 90, () => scrape("prometheus", address!) !== undefined);
    assert.equal(scrape("curious", address!), undefined);
  });

  it("counts each call that a rule allows once, by its caller, its destination and how it went", async () => {
    const http = { caller: identity(appA), destination: "httpbin", decision: "allowed", outcome: "forwarded" };
    const before_ = {
      http: atGateways({ ...http, protocol: "http" }),
      https: atGateways({ ...http, protocol: "https" }),
    };
    for (const url of ["http://httpbin.org", "http://httpbin.org", "https://httpbin.org"]) {
      assert.equal(curl(appA, url).status, 200, url);
    }
    const counts = () => [atGateways({ ...http, protocol: "http" }), atGateways({ ...http, protocol: "https" })];
    await until("they are counted", 90, () => {
      const [byHttp, byHttps] = counts();
      return byHttp! >= before_.http + 2 && byHttps! >= before_.https + 1;
    });
    assert.deepEqual(counts(), [before_.http + 2, before_.https + 1]);
  });

  it("counts what a gateway refuses by its caller, and never by the names that callers make up", async () => {
    const thief = startThief("thief-m", "app-b");
    thieves.push(thief);
    const refused = { caller: identity(appB), destination: "", decision: "denied", outcome: "refused" };
    const word = `evil${randomBytes(4).toString("hex")}`;
    const names = [1, 2, 3].map((index) => `${word}-${index}.example`);
    const counts = () => ["http", "https"].map((protocol) => atGateways({ ...refused, protocol }));
    const earlier = counts();
    for (const name of names) {
      assert.equal(thief.http(name, "/").status, 403);
      assert.equal(thief.tls({ outer: name, inner: name }), "refused");
    }
    assert.equal(thief.http("github.com", "/").status, 403);
    const wanted = [earlier[0]! + 4, earlier[1]! + 3];
    await until("they are counted", 90, () => counts().every((count, index) => count >= wanted[index]!));
    assert.deepEqual(counts(), wanted);
    // The twin, with the same certificate on the same way.
    assert.equal(thief.http("www.google.com", "/").status, 200);
    for (const address of gateways()) {
      assert.ok(!scrape("prometheus", address)!.includes(word));
    }
    thieves.splice(0).forEach((each) => each.remove());
  });

  it("counts what sidecars refuse at home, and nothing that they let pass", async () => {
    const pods = addresses(appA.namespace, `app=${appA.workload}`);
    const refused = { at: "sidecar", caller: identity(appA), decision: "denied", protocol: "http" };
    const earlier = sum(counters(pods), refused);
    assert.equal(curl(appA, "http://example.org").status, 502);
    assert.equal(curl(appA, "http://httpbin.org").status, 200);
    await until("it is counted", 90, () => sum(counters(pods), refused) === earlier + 1);
    assert.ok(counters(pods).every(({ labels }) => labels.at === "sidecar" && labels.decision === "denied"));
  });

  describe("with mode: report on a rule", () => {
    const ofB = { caller: identity(appB), destination: "google" };

    it("lets calls pass, and log and counters say that they would be denied", async () => {
      const reported = { ...ofB, decision: "would be denied", outcome: "forwarded" };
      await until("both protocols are counted so", 90, () => {
        const counted = counters(gateways());
        return (
          sum(counted, { ...reported, protocol: "http" }) > 0 && sum(counted, { ...reported, protocol: "https" }) > 0
        );
      });
      await until("the log says so", 90, () => {
        const logged = loggedDecisions(["--since", "10m", "--denied"], checkout.folder);
        const own = logged.filter(({ from, at }) => from === "test-app/app-b" && at === "gateway");
        return own.some(({ wouldBeDenied, ok, rule }) => wouldBeDenied && ok && rule === "istio-egress:allow[2]");
      });
    });

    it("is proposed by learn to be enforced, which check and explain agree with", () => {
      const { stdout } = egress(["learn", "lab", "--since", "600s"], { cwd: checkout.folder });
      assert.match(stdout, /to be enforced[^]*allow\[2\] +test-app\/app-b +google/);
      assert.match(
        egress(["explain", "lab", "test-app/app-b", "https://www.google.com"], { cwd: checkout.folder }).stdout,
        /report/,
      );
    });

    for (const [mode, decision] of [
      ["enforce", "allowed"],
      ["report", "would be denied"],
    ] as const) {
      it(`becomes ${mode} under load without a lost call, and is counted as ${decision}`, async () => {
        const { made: calls, failed } = await underLoad(load, () => applyMode(mode));
        assert.equal(failed, 0, `${failed} of ${calls} failed`);
        assert.ok(calls > 20, `${calls} calls only`);
        const earlier = atGateways({ ...ofB, decision });
        // On a busy machine the gateways may hear of the change later, and count the first calls as before.
        await until("a call is counted so", 90, () => {
          assert.equal(curl(appB, "http://www.google.com").status, 200);
          return atGateways({ ...ofB, decision }) > earlier;
        });
      });
    }
  });
});
