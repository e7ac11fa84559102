// What of the cluster's objects admission's rules about identities, endpoints and tokens would refuse, and the version of
// Kubernetes that a kind takes. Does not prove who made an object: the cluster does not say.
import assert from "node:assert/strict";
import { FakeCluster, short } from "./cluster";

const warn = { mode: "warn" };
const deny = { mode: "deny" };

function found(admission: object, spoil: (cluster: FakeCluster) => void, over: object = {}) {
  const cluster = new FakeCluster({ admission, ...over });
  spoil(cluster);
  return cluster.report().findings.filter(({ check }) => check === "admission");
}

const maker = (serviceAccountName: string, labels: object) => (cluster: FakeCluster) =>
  void cluster.add("batch/v1", "CronJob", "test-app/nightly", {
    spec: {
      jobTemplate: { spec: { template: { metadata: { labels }, spec: { serviceAccountName, containers: [] } } } },
    },
  });

describe("doctor, of what admission would refuse", () => {
  it("finds what would run as a granted ServiceAccount without its labels, and its twin is fine", () => {
    for (const admission of [warn, deny]) {
      const [finding, ...more] = found(admission, maker("app-a", { app: "nightly" }));
      assert.deepEqual(more, []);
      assert.equal(finding!.object, "CronJob test-app/nightly");
      assert.deepEqual(finding!.evidence, ["identity: ServiceAccount app-a without the labels of its workload app-a"]);
    }
    assert.deepEqual(found(warn, maker("nightly", { app: "nightly" })), []);
  });

  it("finds what has the labels of a granted workload under another ServiceAccount", () => {
    const [finding] = found(deny, maker("nightly", { app: "app-a" }));
    assert.match(finding!.evidence.join(), /labels of the workload app-a, under the ServiceAccount nightly/);
  });

  it("names a granted workload without owners in `warn`, and not once it has some", () => {
    const [finding, ...more] = found(warn, maker("app-a", { app: "app-a" }));
    assert.deepEqual(more, []);
    assert.match(finding!.problem, /changed by the platform, and by nobody else/);
    assert.equal(finding!.config, "istio-egress:admission.owners: {test-app/app-a: {users: [<who>]}}");
    const owners = { "test-app/app-a": { users: ["argo"] } };
    assert.deepEqual(found({ ...warn, owners }, maker("app-a", { app: "app-a" })), []);
    assert.deepEqual(found(deny, maker("app-a", { app: "app-a" })), []);
  });

  describe("endpoints", () => {
    const slice = (manager: string, address: string) => (cluster: FakeCluster) => {
      const managedFields = [{ manager, operation: "Update", time: "2026-11-21T09:00:00Z", fieldsV1: {} }];
      const endpoints = [{ addresses: [address] }];
      cluster.add("discovery.k8s.io/v1", "EndpointSlice", "test-app/door", { endpoints }, { managedFields });
    };

    it("of nobody's controller are found with the addresses outside, and a controller's are not", () => {
      const [finding] = found(deny, slice("kubectl", "203.0.113.7"));
      assert.equal(finding!.object, "EndpointSlice test-app/door");
      assert.match(finding!.evidence[0]!, /leads to 203\.0\.113\.7/);
      assert.deepEqual(found(deny, slice("kube-controller-manager", "10.244.0.9")), []);
    });

    it("are not found where one is exempt", () => {
      const exemption = { rule: "endpoints", namespace: "test-app", object: "EndpointSlice/door" };
      const exemptions = [{ ...exemption, owner: "a", reason: "a test", expires: "2027-01-31" }];
      assert.deepEqual(found({ ...deny, exemptions }, slice("kubectl", "203.0.113.7")), []);
    });

    it("of the older kind are found, too", () => {
      const [finding] = found(deny, (cluster) =>
        cluster.add("v1", "Endpoints", "test-app/door", { subsets: [{ addresses: [{ ip: "203.0.113.8" }] }] }),
      );
      assert.match(finding!.evidence[0]!, /leads to 203\.0\.113\.8/);
    });
  });

  it("names who asks for tokens of ServiceAccounts in `warn`, and nobody who asks for none", () => {
    const role = (resource: string) => (cluster: FakeCluster) => {
      cluster.add("rbac.authorization.k8s.io/v1", "Role", "test-app/vault", {
        rules: [{ apiGroups: [""], resources: [resource], verbs: ["create"] }],
      });
      cluster.add("rbac.authorization.k8s.io/v1", "RoleBinding", "test-app/vault", {
        roleRef: { kind: "Role", name: "vault" },
        subjects: [{ kind: "ServiceAccount", namespace: "vault", name: "operator" }],
      });
    };
    const [finding] = found(warn, role("serviceaccounts/token"));
    assert.deepEqual(finding!.evidence, [
      "tokens: Role test-app/vault lets ServiceAccount vault/operator create serviceaccounts/token",
    ]);
    assert.deepEqual(found(warn, role("configmaps")), []);
    assert.deepEqual(found(deny, role("serviceaccounts/token")), []);
  });
});

describe("doctor, of a Kubernetes that does not have a kind", () => {
  it("says from which version on it is there, and how to do without", () => {
    const cluster = new FakeCluster({ admission: deny });
    cluster.serverVersion = "v1.29.4";
    cluster.resources = cluster.resources.filter((name) => !name.startsWith("validatingadmissionpolic"));
    const findings = cluster.report().findings.filter(({ check }) => check === "kinds");
    const policy = findings.find(({ object }) => object.startsWith("ValidatingAdmissionPolicy ("));
    assert.ok(policy, findings.map(short).join());
    assert.match(policy.evidence.join(), /Kubernetes v1\.29\.4; the kind is there from 1\.30 on/);
    assert.match(policy.fix, /Kubernetes 1\.30 or later, or turn admission off/);
  });
});
