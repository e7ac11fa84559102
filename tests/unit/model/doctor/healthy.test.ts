// A cluster that is as its stack plans it, and one that may not be looked at.
// Does not prove: what an API server fills in; the lab's test reads a real one.
import assert from "node:assert/strict";
import { checks } from "../../../../model/doctor/checks";
import { FakeCluster, short } from "./cluster";

describe("doctor, of a stack that is applied", () => {
  it("finds nothing, and lists every check as passed", () => {
    const { findings, passed, notChecked } = new FakeCluster().report();
    assert.deepEqual(findings.map(short), []);
    assert.deepEqual(notChecked, []);
    assert.deepEqual(
      passed.map(({ check }) => check),
      checks.map(({ name }) => name),
    );
  });

  it("finds nothing where what the API server fills in, and controllers write, is more than what is planned", () => {
    const cluster = new FakeCluster();
    const deployment = cluster.get("Deployment", "app-a");
    deployment.spec.progressDeadlineSeconds = 600;
    deployment.spec.template.spec.containers[0].terminationMessagePath = "/dev/termination-log";
    deployment.metadata.annotations = { "deployment.kubernetes.io/revision": "3" };
    deployment.status = { readyReplicas: 1 };
    cluster.get("Service", "app-a").spec.clusterIP = "10.96.7.7";
    const gateway = cluster.get("Deployment", "egress-gateway").spec.template.spec.containers[0];
    gateway.resources = { requests: { cpu: "0.1", memory: "134217728" }, limits: { memory: "1024Mi" } };
    assert.deepEqual(cluster.report().findings.map(short), []);
  });

  it("says of each right that is missing what it could not check, and of the rest what it did", () => {
    const cluster = new FakeCluster();
    const reason = 'pods is forbidden: User "jane" cannot list resource "pods"';
    cluster.refused = [{ resource: "pods", namespace: "test-app", reason }];
    const { findings, passed, notChecked } = cluster.report();
    assert.deepEqual(
      findings.map(({ severity, object, evidence, fix }) => ({ severity, object, evidence, fix })),
      [
        {
          severity: "unchecked",
          object: "pods in namespace test-app",
          evidence: [reason],
          fix: "Whoever runs this needs get and list on pods in namespace test-app.",
        },
      ],
    );
    assert.ok(notChecked.some(({ check }) => check === "sidecars"));
    assert.ok(passed.some(({ check }) => check === "drift"));
    assert.equal(passed.length + notChecked.length, checks.length);
  });

  it("says once that nothing was applied, and not of every object that it is missing", () => {
    const cluster = new FakeCluster();
    cluster.objects = cluster.objects.filter(
      ({ metadata }) => metadata.namespace === "kube-system" || metadata.name === "istiod",
    );
    const drift = cluster.report().findings.filter(({ check }) => check === "drift");
    assert.deepEqual(
      drift.map(({ object, commands }) => ({ object, commands })),
      [{ object: "stack test", commands: ["pulumi up --stack test"] }],
    );
  });
});
