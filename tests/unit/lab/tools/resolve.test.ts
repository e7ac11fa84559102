// Does not prove that the tools run, nor that Envoy's wheel can be downloaded; scripts stand for the programs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { Progress } from "../../../../lab/progress";
import type { ToolGroup } from "../../../../lab/tools/catalog";
import { resolveTools } from "../../../../lab/tools/resolve";
import { temporaryFolder, withEnvironment, writeScript } from "./temporary";

describe("tools", () => {
  const folder = temporaryFolder();
  let written: string[];
  let environment: NodeJS.ProcessEnv;

  beforeEach(async () => {
    written = [];
    const envoy = await writeScript(path.join(folder(), "envoy"), "true");
    environment = { PATH: path.join(folder(), "bin"), ISTIO_EGRESS_TOOL_ENVOY: envoy };
  });

  const etcdGroup = async (main: string): Promise<ToolGroup> => {
    const source = path.join(folder(), "source");
    await fs.mkdir(source, { recursive: true });
    await fs.writeFile(path.join(source, "go.mod"), "module example.test/etcd\n\ngo 1.21\n");
    await fs.writeFile(path.join(source, "main.go"), main);
    return {
      name: "etcd",
      folder: source,
      packages: { etcd: "." },
      linkerFlags: "-s",
      version: "3.6.16",
      typicalSeconds: 1,
      diskGigabytes: 0.001,
    };
  };
  const resolve = (groups: ToolGroup[]) =>
    resolveTools(new Progress({ write: (text) => written.push(text) }), {
      environment,
      folder: path.join(folder(), "tools"),
      groups,
    });

  it("prefers what is named to PATH, PATH to the cache, and the cache to a build", async function () {
    if (spawnSync("go", ["version"]).status !== 0) {
      this.skip();
    }
    const group = await etcdGroup("package main\n\nfunc main() {}\n");

    const built = (await resolve([group])).etcd;
    assert.equal(built.source, "built");
    assert.equal(built.version, "3.6.16");
    assert.match(written.join(""), /building etcd 3\.6\.16 \(group 1 of 1\): done/);

    const cached = (await resolve([group])).etcd;
    assert.deepEqual(cached, { ...built, source: "cache" });

    const onPath = await writeScript(path.join(folder(), "bin", "etcd"), "echo etcd Version: 3.5.1");
    assert.deepEqual((await resolve([group])).etcd, { path: onPath, version: "3.5.1", source: "path" });

    const named = await writeScript(path.join(folder(), "mine"), "echo etcd Version: 3.4.0");
    environment.ISTIO_EGRESS_TOOL_ETCD = named;
    assert.deepEqual((await resolve([group])).etcd, { path: named, version: "3.4.0", source: "named" });
  });

  it("needs no Go when nothing has to be built", async () => {
    await writeScript(path.join(folder(), "bin", "etcd"), "echo etcd Version: 3.5.1");
    const group = await etcdGroup("");
    const tools = await withEnvironment({ PATH: "/usr/bin:/bin" }, () => resolve([group]));
    assert.equal(tools.etcd.source, "path");
    assert.equal(tools.envoy.source, "named");
    assert.deepEqual(written, []);
  });

  it("refuses to begin a build for which the disk has no room", async function () {
    if (spawnSync("go", ["version"]).status !== 0) {
      this.skip();
    }
    const group = { ...(await etcdGroup("package main\n\nfunc main() {}\n")), diskGigabytes: 1e9 };
    await assert.rejects(resolve([group]), /has \d+\.\d GB free, but building the tools needs about \d+\.\d GB there/);
    assert.deepEqual(written, []);
  });
});
