// A workload's own objects and its Sidecar.
// Does not prove: that the image runs under the security context; that is the image's matter.
import assert from "node:assert/strict";
import { manifestKey, planWorkload, WorkloadArgs } from "../../../../model";
import { haveLabels } from "../../../../model/ground/label-selector";
import { find } from "./find";

const made = { image: "example.com/app:1" };
const args: WorkloadArgs = {
  name: "app-a",
  namespace: "test-app",
  made,
  hosts: ["httpbin.org", "github.com", "github.com"],
  guardedNamespaces: ["test-app"],
  gatewayNamespace: "istio-egress",
};

describe("planWorkload", () => {
  it("runs under a ServiceAccount of its own, without a token for the application", () => {
    const manifests = planWorkload(args);
    assert.deepEqual(manifests.map(manifestKey), [
      "Deployment/test-app/app-a",
      "ServiceAccount/test-app/app-a",
      "Sidecar/test-app/app-a",
    ]);
    const { template, replicas } = find(manifests, "Deployment/test-app/app-a").spec;
    assert.equal(template.spec.serviceAccountName, "app-a");
    assert.equal(template.spec.automountServiceAccountToken, false);
    assert.equal(replicas, 1);
  });

  it("has a Service when it has a port", () => {
    const { spec } = find(planWorkload({ ...args, made: { ...made, port: 8080 } }), "Service/test-app/app-a");
    assert.deepEqual(spec.ports, [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP" }]);
    assert.deepEqual(spec.selector, { app: "app-a", "app.kubernetes.io/name": "app-a" });
  });

  it("sends nothing for its Service to a Job that has its label and its account, and all to its own pods", () => {
    const written: Record<string, string>[] = [{}, { "app.kubernetes.io/name": "shop" }, { tier: "front" }];
    for (const labels of written) {
      const pod = { metadata: { labels } };
      const manifests = planWorkload({ ...args, made: { ...made, port: 8080, pod } });
      const { selector } = find(manifests, "Service/test-app/app-a").spec;
      const { template } = find(manifests, "Deployment/test-app/app-a").spec;
      assert.ok(haveLabels(template.metadata.labels, selector), JSON.stringify(labels));
      const { workloadSelector } = find(manifests, "Sidecar/test-app/app-a").spec;
      assert.ok(!haveLabels(workloadSelector.labels, selector), JSON.stringify(labels));
    }
  });

  it("hands command, arguments and variables to the container, variables sorted", () => {
    const manifests = planWorkload({
      ...args,
      made: { ...made, command: ["run"], args: ["--fast"], env: { B: "2", A: "1" } },
    });
    const [container] = find(manifests, "Deployment/test-app/app-a").spec.template.spec.containers;
    assert.deepEqual([container.command, container.args], [["run"], ["--fast"]]);
    assert.deepEqual(container.env, [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ]);
  });

  it("knows the hosts it is granted by name, and of the mesh the guarded namespaces' Services", () => {
    const { spec } = find(planWorkload(args), "Sidecar/test-app/app-a");
    assert.deepEqual(spec, {
      workloadSelector: { labels: { app: "app-a" } },
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
      egress: [
        {
          hosts: ["test-app/*.test-app.svc.cluster.local", "istio-egress/github.com", "istio-egress/httpbin.org"],
        },
      ],
    });
  });
});
