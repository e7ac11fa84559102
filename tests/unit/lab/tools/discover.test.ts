// Does not prove that real programs write their versions as these scripts do: the lab resolves the real ones.
import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { ToolName } from "../../../../lab/tools/catalog";
import { findNamed, findOnPath, variableOf } from "../../../../lab/tools/discover";
import { temporaryFolder, writeScript } from "./temporary";

describe("tools that are there", () => {
  const folder = temporaryFolder();
  const program = (name: string, says: string, sub = "bin") =>
    writeScript(path.join(folder(), sub, name), `echo '${says}'`);
  const found = (tool: ToolName, ...subs: string[]) =>
    findOnPath(tool, { PATH: (subs.length === 0 ? ["bin"] : subs).map((sub) => path.join(folder(), sub)).join(":") });

  it("names the variable of a tool", () => {
    assert.equal(variableOf("kube-controller-manager"), "ISTIO_EGRESS_TOOL_KUBE_CONTROLLER_MANAGER");
  });

  it("takes what the user names, of whatever version", async () => {
    const kubelet = await program("my-kubelet", "Kubernetes v1.20.0");
    assert.deepEqual(await findNamed("kubelet", { ISTIO_EGRESS_TOOL_KUBELET: kubelet }), {
      path: kubelet,
      version: "1.20.0",
    });
    const agent = await program("agent", "whatever");
    assert.deepEqual(await findNamed("pilot-agent", { ISTIO_EGRESS_TOOL_PILOT_AGENT: agent }), {
      path: agent,
      version: "unknown",
    });
    assert.equal(await findNamed("kubelet", {}), undefined);
    assert.equal(await findNamed("kubelet", { ISTIO_EGRESS_TOOL_KUBELET: "" }), undefined);
  });

  it("refuses a named file that cannot be run", async () => {
    const file = path.join(folder(), "text");
    await fs.writeFile(file, "text", { mode: 0o644 });
    for (const named of [file, folder(), path.join(folder(), "absent")]) {
      await assert.rejects(findNamed("etcd", { ISTIO_EGRESS_TOOL_ETCD: named }), (error: Error) => {
        assert.equal(
          error.message,
          `ISTIO_EGRESS_TOOL_ETCD names ${named}, which is not an executable file; name one, or unset ISTIO_EGRESS_TOOL_ETCD`,
        );
        return true;
      });
    }
  });

  const rows: [tool: ToolName, says: string, version: string | undefined][] = [
    ["kube-apiserver", "Kubernetes v1.34.1", "1.34.1"],
    ["kube-apiserver", "Kubernetes v1.33.9", undefined],
    ["kube-apiserver", "Kubernetes v2.34.0", undefined],
    ["kubectl", "Client Version: v1.34.9-gke.2\nKustomize Version: v5.7.1", "1.34.9-gke.2"],
    ["kubectl", "Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", undefined],
    ["etcd", "etcd Version: 3.5.21\nGit SHA: 1", "3.5.21"],
    ["etcd", "etcd Version: 3.4.30", undefined],
    ["helm", "v3.9.4+gdbc6d8e", "3.9.4+gdbc6d8e"],
    ["helm", "v4.0.0+gabc", undefined],
    ["kubelet", "no version at all", undefined],
  ];
  for (const [tool, says, version] of rows) {
    it(`${version === undefined ? "passes by" : "takes"} a ${tool} that says ${JSON.stringify(says)}`, async () => {
      const file = await program(tool, says);
      assert.deepEqual(await found(tool), version === undefined ? undefined : { path: file, version });
    });
  }

  it("takes pulumi with its language host beside it, and both from there", async () => {
    await program("pulumi", "v3.221.0", "lone");
    assert.equal(await found("pulumi", "lone"), undefined);
    const cli = await program("pulumi", "v3.300.1", "pair");
    const host = await program("pulumi-language-nodejs", "", "pair");
    assert.deepEqual(await found("pulumi", "lone", "pair"), { path: cli, version: "3.300.1" });
    assert.deepEqual(await found("pulumi-language-nodejs", "lone", "pair"), { path: host, version: "3.300.1" });
  });

  it("passes by a pulumi that is older than the SDK, and its language host", async () => {
    await program("pulumi", "v3.219.0");
    await program("pulumi-language-nodejs", "");
    assert.equal(await found("pulumi"), undefined);
    assert.equal(await found("pulumi-language-nodejs"), undefined);
  });

  it("goes on to the next folder of PATH when a version does not fit", async () => {
    await program("helm", "v2.17.0", "old");
    const file = await program("helm", "v3.18.0", "new");
    assert.deepEqual(await found("helm", "old", "new"), { path: file, version: "3.18.0" });
  });

  it("never takes from PATH what has to be one exact version", async () => {
    for (const tool of ["pilot-agent", "pilot-discovery", "coredns", "pause", "envoy"] as const) {
      await program(tool, "v1.31.1");
      assert.equal(await found(tool), undefined);
    }
  });

  it("passes by a program that fails when it is asked", async () => {
    await writeScript(path.join(folder(), "bin", "helm"), "echo v3.18.0; exit 1");
    assert.equal(await found("helm"), undefined);
  });
});
