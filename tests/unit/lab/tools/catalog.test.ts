// Does not prove that the pinned versions work together, nor that they can be had: a build and a booted lab do.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { checkGroups, toolGroups } from "../../../../lab/tools/catalog";
import { versions } from "../../../../lab/topology";

function goMod(folder: string): string {
  return fs.readFileSync(path.join(folder, "go.mod"), "utf8");
}

/** The packages that a go.mod names as its tools, one a line or in a block. */
function toolPackages(text: string): string[] {
  const block = /^tool \(\n([^)]*)\)/m.exec(text)?.[1] ?? "";
  const single = /^tool (\S+)$/m.exec(text)?.[1] ?? "";
  return [...block.split("\n"), single].map((line) => line.trim()).filter((line) => line !== "" && line !== "(");
}

describe("catalog", () => {
  for (const { name, folder, packages } of [...toolGroups, ...checkGroups]) {
    it(`builds of ${name} what its go.mod pins`, () => {
      const pinned = toolPackages(goMod(folder));
      assert.deepEqual(Object.values(packages).sort(), pinned.length === 0 ? ["."] : pinned.sort());
      assert.equal(fs.existsSync(path.join(folder, "go.sum")), goMod(folder).includes("require"));
    });
  }

  it("states the versions that the go.mod files require", () => {
    const required: Record<string, string> = {
      kubernetes: `k8s.io/kubernetes v${versions.kubernetes}`,
      pulumi: `github.com/pulumi/pulumi/pkg/v3 v${versions.pulumi}`,
      helm: "helm.sh/helm/v3 v",
      coredns: "github.com/coredns/coredns v",
      etcd: "go.etcd.io/etcd/server/v3 v",
      "pulumi-nodejs": "github.com/pulumi/pulumi/sdk/v3 v",
      kubeconform: "github.com/yannh/kubeconform v",
      promtool: "github.com/prometheus/prometheus v",
      actionlint: "github.com/rhysd/actionlint v",
    };
    for (const { name, folder, version } of [...toolGroups, ...checkGroups].filter(({ name }) => name in required)) {
      const requirement = required[name]!.replace(/ v$/, ` v${version}`);
      assert.ok(goMod(folder).includes(`${requirement} `) || goMod(folder).includes(`${requirement}\n`), requirement);
    }
  });

  it("gives Kubernetes and Helm the version that Istio checks", () => {
    const flags = (name: string) => toolGroups.find((group) => group.name === name)!.linkerFlags;
    assert.match(
      flags("kubernetes"),
      /^-s -w -X k8s\.io\/component-base\/version\.gitVersion=v1\.34\.4 -X .*gitMajor=1 /,
    );
    assert.match(flags("helm"), /k8sVersionMajor=1 .*k8sVersionMinor=34 /);
    assert.equal(flags("etcd"), "-s -w");
  });

  it("checks manifests with the Istio that the lab runs", () => {
    const required = (name: string) =>
      /istio\.io\/istio v\S+/.exec(goMod(path.join(path.dirname(toolGroups[0]!.folder), name)))?.[0];
    assert.ok(required("istio"));
    assert.equal(required("istioctl"), required("istio"));
  });

  it("has the longest build first", () => {
    for (const groups of [toolGroups, checkGroups]) {
      const seconds = groups.map(({ typicalSeconds }) => typicalSeconds);
      assert.deepEqual(
        seconds,
        [...seconds].sort((a, b) => b - a),
      );
    }
  });
});
