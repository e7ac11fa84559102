// Does not prove that a container runtime finds its images in the store, nor the copy where links are not possible.
import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { installImageStore } from "../../../../lab/images/store";
import { temporaryFolder } from "../tools/temporary";

describe("store of images", () => {
  const folder = temporaryFolder();
  const snapshot = "io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs/bin/program";
  const databases = ["io.containerd.metadata.v1.bolt/meta.db", "io.containerd.snapshotter.v1.overlayfs/metadata.db"];

  it("is linked into a root folder, with databases of its own", async () => {
    const [store, root] = [path.join(folder(), "store"), path.join(folder(), "state", "containerd")];
    for (const name of [snapshot, ...databases]) {
      await fs.mkdir(path.dirname(path.join(store, name)), { recursive: true });
      await fs.writeFile(path.join(store, name), "made once");
    }
    await installImageStore(store, root);
    assert.equal((await fs.stat(path.join(root, snapshot))).ino, (await fs.stat(path.join(store, snapshot))).ino);
    for (const name of databases) {
      await fs.appendFile(path.join(root, name), ", changed by a lab");
      assert.equal(await fs.readFile(path.join(store, name), "utf8"), "made once");
    }
    await fs.rm(root, { recursive: true });
    assert.equal(await fs.readFile(path.join(store, snapshot), "utf8"), "made once");
  });
});
