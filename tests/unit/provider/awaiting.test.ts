// When an object counts as up, from its status alone.
// Does not prove: that a real controller writes such a status.
import assert from "node:assert/strict";
import { Cluster } from "../../../lab/provider/cluster";
import {
  customResourceDefinition,
  daemonSet,
  deployment,
  job,
  namespace,
  pod,
  service,
  statefulSet,
} from "../../../lab/provider/await/verdict";
import { selectorText } from "../../../lab/provider/await/troubles";
import { JsonObject } from "../../../lab/json";

function seen(spec: JsonObject, status: JsonObject): JsonObject {
  return { metadata: { generation: 2 }, spec, status: { observedGeneration: 2, ...status } };
}

function conditions(...all: [string, string, string?][]): JsonObject[] {
  return all.map(([type, status, reason]) => ({ type, status, reason: reason ?? "" }));
}

describe("a Deployment is up", () => {
  const full = { updatedReplicas: 2, replicas: 2, availableReplicas: 2 };
  it("when all replicas are new and available", () =>
    assert.equal(deployment(seen({ replicas: 2 }, full)).ready, true));
  it("when it wants none", () => assert.equal(deployment(seen({ replicas: 0 }, {})).ready, true));
  it("when it is paused", () => assert.equal(deployment(seen({ paused: true, replicas: 2 }, {})).ready, true));

  const not: [string, JsonObject, RegExp][] = [
    ["while the controller has not seen it", { ...full, observedGeneration: 1 }, /has not seen/],
    ["while replicas are missing", { ...full, updatedReplicas: 1 }, /1 of 2 replicas are made/],
    ["while older replicas are left", { ...full, replicas: 3 }, /1 replicas of an older template/],
    ["while replicas are not available", { ...full, availableReplicas: 0 }, /0 of 2 replicas are available/],
  ];
  for (const [title, status, missing] of not) {
    it(`not ${title}`, () => {
      const verdict = deployment(seen({ replicas: 2 }, status));
      assert.equal(verdict.ready, false);
      assert.match(verdict.missing, missing);
      assert.notEqual(verdict.hopeless, true);
    });
  }

  it("never once its own deadline has passed", () => {
    const status = { conditions: conditions(["Progressing", "False", "ProgressDeadlineExceeded"]) };
    assert.equal(deployment(seen({ replicas: 2 }, status)).hopeless, true);
  });
});

describe("other workloads are up", () => {
  it("StatefulSets: when the pods are ready and of the newest template, as far as the partition says", () => {
    const old = { readyReplicas: 3, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" };
    assert.equal(statefulSet(seen({ replicas: 3 }, old)).ready, false);
    assert.equal(statefulSet(seen({ replicas: 3 }, { ...old, currentRevision: "b" })).ready, true);
    const partition = { updateStrategy: { rollingUpdate: { partition: 2 } } };
    assert.equal(statefulSet(seen({ replicas: 3, ...partition }, old)).ready, true);
    assert.equal(statefulSet(seen({ replicas: 3, updateStrategy: { type: "OnDelete" } }, old)).ready, true);
    assert.equal(statefulSet(seen({ replicas: 4 }, old)).ready, false);
  });

  it("DaemonSets: when every node has an available pod of the newest template", () => {
    const status = { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 };
    assert.equal(daemonSet(seen({}, status)).ready, true);
    assert.equal(daemonSet(seen({}, { ...status, numberAvailable: 1 })).ready, false);
    assert.equal(daemonSet(seen({}, { ...status, updatedNumberScheduled: 1 })).ready, false);
    assert.equal(
      daemonSet(seen({ updateStrategy: { type: "OnDelete" } }, { ...status, updatedNumberScheduled: 0 })).ready,
      true,
    );
  });

  it("Pods: when ready or done, and never once failed", () => {
    assert.equal(pod({ status: { phase: "Running", conditions: conditions(["Ready", "True"]) } }).ready, true);
    assert.equal(pod({ status: { phase: "Succeeded" } }).ready, true);
    assert.equal(pod({ status: { phase: "Running" } }).ready, false);
    assert.match(pod({ status: { phase: "Failed", reason: "Evicted" } }).missing, /Evicted/);
    assert.equal(pod({ status: { phase: "Failed" } }).hopeless, true);
  });

  it("Jobs: when complete or suspended, and never once failed", () => {
    assert.equal(job({ status: { conditions: conditions(["Complete", "True"]) } }).ready, true);
    assert.equal(job({ spec: { suspend: true } }).ready, true);
    assert.equal(job({ status: {} }).ready, false);
    assert.equal(
      job({ status: { conditions: conditions(["Failed", "True", "BackoffLimitExceeded"]) } }).hopeless,
      true,
    );
  });
});

describe("other objects are up", () => {
  it("Namespaces: when active", () => {
    assert.equal(namespace({ status: { phase: "Active" } }).ready, true);
    assert.equal(namespace({ status: { phase: "Terminating" } }).ready, false);
  });

  it("Services: at once, but for a load balancer's address", () => {
    assert.equal(service({ spec: { type: "ClusterIP" } }).ready, true);
    assert.equal(service({ spec: { clusterIP: "None" } }).ready, true);
    assert.equal(service({ spec: { type: "LoadBalancer" } }).ready, false);
    const status = { loadBalancer: { ingress: [{ ip: "10.10.0.4" }] } };
    assert.equal(service({ spec: { type: "LoadBalancer" }, status }).ready, true);
  });

  it("definitions: when established and shown by discovery in every served version", async () => {
    const cluster = (served: string[]): Cluster =>
      ({
        discovery: { find: async (version: string) => (served.includes(version) ? {} : undefined) },
      }) as unknown as Cluster;
    const versions = [
      { name: "v1", served: true },
      { name: "v2", served: true },
      { name: "v0", served: false },
    ];
    const spec = { group: "example.org", names: { kind: "Widget" }, versions };
    const established = {
      spec,
      status: { conditions: conditions(["NamesAccepted", "True"], ["Established", "True"]) },
    };
    const all = cluster(["example.org/v1", "example.org/v2"]);
    assert.equal((await customResourceDefinition(established, all)).ready, true);
    assert.match(
      (await customResourceDefinition(established, cluster(["example.org/v1"]))).missing,
      /example\.org\/v2/,
    );
    assert.match((await customResourceDefinition({ spec, status: {} }, all)).missing, /not established/);
    const taken = { spec, status: { conditions: conditions(["NamesAccepted", "False", "ListKindConflict"]) } };
    assert.match((await customResourceDefinition(taken, all)).missing, /ListKindConflict/);
  });
});

describe("a selector", () => {
  it("is written as the API takes it", () => {
    const matchExpressions: JsonObject[] = [
      { key: "b", operator: "In", values: ["x", "y"] },
      { key: "c", operator: "NotIn", values: ["z"] },
      { key: "d", operator: "Exists" },
      { key: "e", operator: "DoesNotExist" },
    ];
    assert.equal(selectorText({ matchLabels: { a: "1" }, matchExpressions }), "a=1,b in (x,y),c notin (z),d,!e");
  });
});
