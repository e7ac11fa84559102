// `pulumi destroy` takes the stack off the cluster, and a later `pulumi up` puts it there again.
// Does not prove: that the CustomResourceDefinitions go; Istio's chart keeps them, and what they hold, on purpose.
import assert from "node:assert/strict";
import { inLab, kubectl } from "./support/commands";
import { appA, curl } from "./support/requests";
import { until } from "./support/until";

function pulumi(...args: string[]): void {
  const { exitCode, stdout, stderr } = inLab(["pulumi", ...args, "--stack", "lab", "--yes", "--skip-preview"]);
  assert.equal(exitCode, 0, stdout + stderr);
}

function names(kinds: string): string[] {
  return kubectl("get", kinds, "--output=name").split("\n").filter(Boolean).sort();
}

describe("the end of the stack", () => {
  it("leaves the cluster's own namespaces and no webhook, role or workload of the mesh", () => {
    pulumi("destroy");
    assert.deepEqual(names("namespaces"), [
      "namespace/default",
      "namespace/kube-node-lease",
      "namespace/kube-public",
      "namespace/kube-system",
    ]);
    assert.deepEqual(names("mutatingwebhookconfigurations,validatingwebhookconfigurations"), []);
    assert.deepEqual(
      names("clusterroles,clusterrolebindings").filter((name) => name.includes("istio")),
      [],
    );
    const pods = kubectl("get", "pods", "--all-namespaces", "--output=jsonpath={.items[*].metadata.namespace}");
    assert.deepEqual([...new Set(pods.split(" "))], ["kube-system"]);
  });

  it("is no obstacle to another beginning", async () => {
    pulumi("up");
    await until("app-a reaches github.com", 10, () => curl(appA, "https://github.com/").status === 200);
    assert.equal(curl(appA, "http://cnn.com/").status, 502);
  });
});
