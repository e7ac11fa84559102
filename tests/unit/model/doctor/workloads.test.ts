// Workloads, those whose pods are somebody else's and those that the stack makes: what is a fault of theirs, and what is none.
// Does not prove: what controllers make of such objects; the lab's test of workloads that exist has real ones.
import assert from "node:assert/strict";
import { Finding } from "../../../../model/doctor";
import { FakeCluster, short } from "./cluster";

const selector = { "app.kubernetes.io/name": "cart" };
const workloads = { cart: { namespace: "test-app", existing: { serviceAccount: "cart-sa", selector } } };
const bypass = "traffic.sidecar.istio.io/excludeOutboundIPRanges";

/** A cluster whose stack has one workload that exists, with its pods or without. */
function clusterOf(over: Record<string, unknown> = {}, pods = true): FakeCluster {
  const cluster = new FakeCluster({ workloads, allow: [{ from: "test-app/cart", to: "github" }], ...over });
  if (!pods) {
    cluster.delete("Pod", "cart-5d-0");
  }
  return cluster;
}

function mended({ fix, commands, config }: Finding): string {
  return [fix, ...commands, config].join("\n");
}

/** What makes pods with a workload's labels under its ServiceAccount. */
function maker(cluster: FakeCluster, apiVersion: string, kind: string, spec: object, status = {}): void {
  cluster.add(apiVersion, kind, "test-app/any", { spec, status });
}

const template = { metadata: { labels: selector }, spec: { serviceAccountName: "cart-sa" } };

describe("doctor, of workloads that exist", () => {
  it("finds nothing in one whose pods are as the stack says", () => {
    assert.deepEqual(clusterOf().report().findings.map(short), []);
  });

  it("finds a selector that takes in nothing, and names the labels that the ServiceAccount's pods have", () => {
    const cluster = clusterOf({}, false);
    cluster.addOwned("StatefulSet", "test-app", "cart", {
      labels: { app: "cart", "pod-template-hash": "x" },
      serviceAccount: "cart-sa",
      init: ["istio-init"],
      containers: ["cart", "istio-proxy"],
    });
    const finding = cluster.report().findings.find(({ object }) => object === "workload test-app/cart")!;
    assert.equal(short(finding), "breaks-workload workload test-app/cart (workloads)");
    assert.equal(finding.config, 'istio-egress:workloads.cart.existing.selector: {"app":"cart"}');
  });

  it("finds pods of another ServiceAccount, and offers that", () => {
    const cluster = clusterOf();
    cluster.pod("cart").spec.serviceAccountName = "other";
    const finding = cluster.finding();
    assert.equal(short(finding), "breaks-workload Deployment test-app/cart (workloads)");
    assert.equal(finding.config, 'istio-egress:workloads.cart.existing.serviceAccount: "other"');
  });

  it("finds a Deployment that wants pods and makes none", () => {
    const cluster = clusterOf({}, false);
    maker(cluster, "apps/v1", "Deployment", { replicas: 2, template });
    assert.match(mended(cluster.finding()), /kubectl describe deployment\/any --namespace test-app/);
  });

  const asleep: [string, (cluster: FakeCluster) => void][] = [
    [
      "a Deployment that is scaled to 0",
      (cluster) => maker(cluster, "apps/v1", "Deployment", { replicas: 0, template }),
    ],
    [
      "a DaemonSet that no node is for",
      (cluster) => maker(cluster, "apps/v1", "DaemonSet", { template }, { desiredNumberScheduled: 0 }),
    ],
    [
      "a CronJob between its runs",
      (cluster) => maker(cluster, "batch/v1", "CronJob", { jobTemplate: { spec: { template } } }),
    ],
    [
      "a Job that has ended",
      (cluster) => {
        const pod = cluster.addOwned("Job", "test-app", "done", { labels: selector, serviceAccount: "cart-sa" });
        pod.status.phase = "Succeeded";
      },
    ],
  ];
  for (const [name, make] of asleep) {
    it(`finds nothing in ${name}`, () => {
      const cluster = clusterOf({}, false);
      make(cluster);
      assert.deepEqual(cluster.report().findings.map(short), []);
    });
  }

  it("knows what is granted to a whole namespace: its own way there is a fault", () => {
    const cluster = clusterOf({ allow: [{ from: "test-app/*", to: "github" }] });
    const spec = { hosts: ["github.com"], http: [] };
    cluster.add("networking.istio.io/v1", "VirtualService", "test-app/mirror", { spec });
    assert.equal(short(cluster.finding()), "breaks-guard VirtualService test-app/mirror (istio-objects)");
    const same = clusterOf({ allow: [{ from: "test-app/*", to: "httpbin" }] });
    same.add("networking.istio.io/v1", "VirtualService", "test-app/mirror", { spec });
    assert.deepEqual(same.report().findings.map(short), []);
  });
});

describe("doctor, of workloads that the stack makes", () => {
  const made = (replicas: number | "auto") => ({
    workloads: { "app-a": { namespace: "test-app", image: "x", replicas } },
  });
  const withoutPods = (replicas: number | "auto", live: number) => {
    const cluster = new FakeCluster(made(replicas));
    cluster.delete("Pod", "app-a-5d-0");
    cluster.get("Deployment", "app-a").spec.replicas = live;
    return cluster.report().findings.map(short);
  };

  it("finds nothing in one of no pods, and in one whose number is left to others", () => {
    assert.deepEqual(withoutPods(0, 0), []);
    assert.deepEqual(withoutPods("auto", 0), []);
  });

  it("finds pods that are older than what is granted past the sidecar, and nothing once they are as new", () => {
    const outside = { db: { namespace: "test-app", addresses: ["10.9.0.1", "10.8.0.0/24"], via: "bypass" } };
    const cluster = new FakeCluster({ ...made(1), outside, allow: [{ from: "test-app/app-a", to: "db" }] });
    const { annotations } = cluster.pod("app-a").metadata;
    annotations[bypass] = "10.9.0.1/32";
    const finding = cluster.finding();
    assert.equal(short(finding), "breaks-workload Deployment test-app/app-a (sidecars)");
    assert.match(mended(finding), /kubectl rollout restart deployment\/app-a/);
    annotations[bypass] = "10.9.0.1/32, 10.8.0.0/24";
    assert.deepEqual(cluster.report().findings.map(short), []);
    annotations[bypass] = "10.9.0.1/32,10.8.0.0/24,10.7.0.0/24";
    assert.equal(short(cluster.finding()), "breaks-guard Deployment test-app/app-a (sidecars)");
  });

  it("finds one that somebody has scaled to 0, and offers to leave the number to others", () => {
    assert.deepEqual(withoutPods(2, 0), [
      "warning Deployment test-app/app-a (drift)",
      "warning workload test-app/app-a (workloads)",
    ]);
    const cluster = new FakeCluster(made(1));
    cluster.get("Deployment", "app-a").spec.replicas = 3;
    assert.equal(cluster.finding().config, "istio-egress:workloads.app-a.replicas: auto");
  });
});
