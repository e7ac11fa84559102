// Reading the gateways' logs, with a kubectl of ours in place of a cluster.
// Does not prove: that the real kubectl answers so; the lab's logs test asks it.
import assert from "node:assert/strict";
import { ClusterError } from "../../../../cli/kubectl";
import { readDecisions } from "../../../../cli/logs/read";
import { parseConfig } from "../../../../model";
import { atHome, httpEntry, httpsEntry } from "../../model/access-log/entries";
import { now, soundConfig } from "../../model/config/sound-config";
import { FakeKubectl, logLine } from "./fake-kubectl";

const cluster = { kind: "existing", kubeconfig: "/etc/kubeconfig", context: "prod" };
const config = parseConfig(
  { ...soundConfig(), cluster, gateways: { partners: { destinations: ["github"] } } },
  { now },
);

describe("readDecisions", () => {
  let kubectl: FakeKubectl;

  beforeEach(() => {
    kubectl = new FakeKubectl();
  });

  afterEach(() => kubectl.remove());

  it("merges the running pods of all gateways in the order of time, and skips what is no decision", async () => {
    kubectl.pods({ "partners-b": { gateway: "partners" }, "egress-a": {}, "egress-new": { phase: "Pending" } });
    kubectl.log("partners-b", [logLine(httpEntry(), 2), "2026-11-22T10:15:04Z info ready", logLine(httpEntry(), 5)]);
    // Logged at its end, which is later than the others.
    kubectl.log("egress-a", [logLine(httpsEntry({ host: "httpbin.org" }), 3, 30), '2026-11-22T10:15:09Z {"cut']);
    const decisions = await readDecisions(config);
    assert.deepEqual(
      decisions.map(({ time, gateway, pod, host }) => [time.slice(17, 19), gateway, pod, host]),
      [
        ["02", "partners", "partners-b", "github.com"],
        ["03", "egress-gateway", "egress-a", "httpbin.org"],
        ["05", "partners", "partners-b", "github.com"],
      ],
    );
    const [list] = kubectl.calls();
    const target = "--kubeconfig /etc/kubeconfig --context prod";
    assert.equal(
      list,
      `${target} get pods --namespace istio-egress --selector istio in (egress-gateway, partners, egress-observer) --output json`,
    );
    const logs = (pod: string) => `${target} logs ${pod} --namespace istio-egress --container istio-proxy --timestamps`;
    assert.deepEqual(kubectl.reads().sort(), [logs("egress-a"), logs("partners-b")]);
  });

  it("asks the pods with a sidecar of each guarded namespace, too, and of those no gateway has to be there", async () => {
    kubectl.pods({ "egress-a": {} });
    kubectl.sidecars({ "test-app": ["app-a-1", "app-b-1"], "istio-workload": ["hammer-1"] });
    for (const pod of ["egress-a", "app-b-1", "hammer-1"]) {
      kubectl.log(pod, []);
    }
    kubectl.log("app-a-1", [logLine(httpEntry({ ...atHome, port: 80, host: "example.com", status: 502 }), 1)]);
    const [refused, ...others] = await readDecisions(config);
    assert.deepEqual([refused?.at, refused?.pod, refused?.host, others], ["sidecar", "app-a-1", "example.com", []]);
    assert.equal(kubectl.reads().length, 4);
    assert.deepEqual(await readDecisions(config, { sidecars: false }), []);
    assert.equal(kubectl.reads().length, 5);
  });

  it("asks no further back than it is told", async () => {
    kubectl.pods({ "egress-a": {} });
    kubectl.log("egress-a", []);
    assert.deepEqual(await readDecisions(config, { since: "10m", tail: 5 }), []);
    assert.match(kubectl.reads()[0]!, / --timestamps --since=10m --tail=5$/);
  });

  it("does without the log of a pod that has just gone", async () => {
    kubectl.pods({ "egress-a": {}, "egress-gone": {} });
    kubectl.log("egress-a", [logLine(httpEntry(), 1)]);
    kubectl.fails("log-egress-gone", 'Error from server (NotFound): pods "egress-gone" not found');
    assert.equal((await readDecisions(config)).length, 1);
  });

  it("fails in one sentence when the cluster cannot be asked, or has no gateway", async () => {
    kubectl.pods({ "egress-a": {} });
    kubectl.fails("log-egress-a", "error: forbidden");
    await assert.rejects(readDecisions(config), {
      constructor: ClusterError,
      message: "kubectl cannot read the log of pod egress-a: error: forbidden",
    });
    kubectl.pods({ "egress-a": { phase: "Pending" } });
    await assert.rejects(readDecisions(config), {
      constructor: ClusterError,
      message: "There is no gateway to ask: istio-egress has no running pod of egress-gateway or partners.",
    });
    kubectl.fails("get", "no route to host");
    await assert.rejects(readDecisions(config), {
      constructor: ClusterError,
      message: "kubectl cannot list the gateways' pods in istio-egress: no route to host",
    });
  });
});
