// Does not prove that a container runtime imports the archive: the lab's boot does.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { type Image, writeArchive } from "../../../../lab/images/archive";
import type { Layer } from "../../../../lab/images/layer";
import { temporaryFolder } from "../tools/temporary";

describe("archive of images", () => {
  const folder = temporaryFolder();
  const file = () => path.join(folder(), "archive");
  const member = (name: string) => spawnSync("tar", ["--extract", "--to-stdout", "--file", file(), name]).stdout;
  const json = (name: string) => JSON.parse(member(name).toString());

  const base: Layer = { name: "base", entries: [{ type: "file", path: "base", content: "base" }] };
  const layer = (name: string, content: string): Layer => ({ name, entries: [{ type: "file", path: name, content }] });
  const images = (content = "b"): Image[] => [
    {
      reference: "example.test/a:1",
      layers: [base, layer("a", "a")],
      config: { User: "1000:1000", Entrypoint: ["/a"] },
    },
    { reference: "example.test/b:2", layers: [base, layer("b", content)], config: { Env: ["A=B"] } },
  ];

  it("holds each layer once and names the layers of each image, the lowest first", async () => {
    await writeArchive(images(), file());
    const names = spawnSync("tar", ["--list", "--file", file()]).stdout.toString().trim().split("\n");
    assert.deepEqual(names, ["base.tar", "a.tar", "b.tar", "image-0.json", "image-1.json", "manifest.json"]);
    assert.deepEqual(json("manifest.json"), [
      { Config: "image-0.json", RepoTags: ["example.test/a:1"], Layers: ["base.tar", "a.tar"] },
      { Config: "image-1.json", RepoTags: ["example.test/b:2"], Layers: ["base.tar", "b.tar"] },
    ]);
  });

  it("gives each image its configuration and its layers' digests", async () => {
    await writeArchive(images(), file());
    const digest = (name: string) => `sha256:${createHash("sha256").update(member(name)).digest("hex")}`;
    const { architecture, ...rest } = json("image-0.json");
    assert.deepEqual(rest, {
      os: "linux",
      created: "1970-01-01T00:00:00.000Z",
      config: { User: "1000:1000", Entrypoint: ["/a"] },
      rootfs: { type: "layers", diff_ids: [digest("base.tar"), digest("a.tar")] },
    });
    assert.match(architecture, /^(amd64|arm64)$/);
  });

  it("is the same, to the byte, for the same images, and another for others", async () => {
    await writeArchive(images(), file());
    const first = await fs.readFile(file());
    await writeArchive(images(), file());
    assert.deepEqual(await fs.readFile(file()), first);
    await writeArchive(images("c"), file());
    assert.notDeepEqual(await fs.readFile(file()), first);
  });

  it("fails when a layer cannot be read", async () => {
    const broken: Image = {
      reference: "a:1",
      layers: [{ name: "gone", tar: path.join(folder(), "gone") }],
      config: {},
    };
    await assert.rejects(writeArchive([broken], file()), { code: "ENOENT" });
  });

  it("fails when it cannot be written", async () => {
    await assert.rejects(writeArchive(images(), path.join(folder(), "absent", "archive")), { code: "ENOENT" });
  });
});
