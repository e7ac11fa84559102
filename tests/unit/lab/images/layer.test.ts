// Does not prove that containerd unpacks a layer as it is meant: GNU tar and tar-stream read it here.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import fc from "fast-check";
import { digested, type Layer, layerBytes, type LayerEntry, layerSize } from "../../../../lab/images/layer";
import type { Bytes } from "../../../../lab/images/archive";
import { temporaryFolder } from "../tools/temporary";

async function read(bytes: Bytes): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const entry: fc.Arbitrary<LayerEntry> = fc
  .record({
    path: fc.stringMatching(/^[a-z]{1,10}(\/[a-z]{1,10}){0,3}$/),
    mode: fc.constantFrom(0o644, 0o755, 0o1777, undefined),
    owner: fc.constantFrom(0, 1337, undefined),
    content: fc.string({ maxLength: 2000, unit: "binary" }),
    type: fc.constantFrom("file", "directory", "link"),
  })
  .map(({ type, content, ...owned }) => {
    switch (type) {
      case "file":
        return { type, content, ...owned };
      case "directory":
        return { type, ...owned };
      default:
        return { type: "link", target: "elsewhere", ...owned };
    }
  });

describe("layer", () => {
  const folder = temporaryFolder();

  it("has the size that is foretold, whatever it holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
        const layer: Layer = { name: "any", entries };
        assert.equal((await read(layerBytes(layer))).length, await layerSize(layer));
      }),
    );
  });

  it("holds its entries with their modes, owners and a fixed time", async () => {
    const source = path.join(folder(), "program");
    await fs.writeFile(source, "x".repeat(100_000));
    const bytes = await read(
      layerBytes({
        name: "any",
        entries: [
          { type: "directory", path: "var/lib/proxy", owner: 1337 },
          { type: "directory", path: "tmp", mode: 0o1777 },
          { type: "file", path: "usr/bin/program", source },
          { type: "file", path: "etc/text", mode: 0o644, content: "é" },
          { type: "link", path: "bin/other", target: "program" },
        ],
      }),
    );
    const listed = spawnSync("tar", ["--list", "--verbose", "--numeric-owner", "--utc", "--file", "-"], {
      input: bytes,
    });
    assert.deepEqual(
      listed.stdout
        .toString()
        .trim()
        .split("\n")
        .map((line) => line.replace(/ +/g, " ")),
      [
        "drwxr-xr-x 1337/1337 0 1970-01-01 00:00 var/lib/proxy",
        "drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp",
        "-rwxr-xr-x 0/0 100000 1970-01-01 00:00 usr/bin/program",
        "-rw-r--r-- 0/0 2 1970-01-01 00:00 etc/text",
        "lrwxr-xr-x 0/0 0 1970-01-01 00:00 bin/other -> program",
      ],
    );
  });

  it("is the same, to the byte, whenever it is written", async () => {
    const source = path.join(folder(), "program");
    await fs.writeFile(source, "program");
    const layer: Layer = { name: "any", entries: [{ type: "file", path: "program", source }] };
    const first = await read(layerBytes(layer));
    await fs.utimes(source, 1, 1);
    assert.deepEqual(await read(layerBytes(layer)), first);
  });

  it("is passed on as it is when it is a tar already", async () => {
    const tar = path.join(folder(), "layer.tar");
    await fs.writeFile(tar, "bytes");
    const layer: Layer = { name: "any", tar };
    assert.equal((await read(layerBytes(layer))).toString(), "bytes");
    assert.equal(await layerSize(layer), 5);
  });

  it("is digested on its way", async () => {
    const tar = path.join(folder(), "layer.tar");
    await fs.writeFile(tar, "bytes");
    let digest = "";
    const bytes = await read(digested(layerBytes({ name: "any", tar }), (value) => (digest = value)));
    assert.equal(bytes.toString(), "bytes");
    assert.equal(digest, `sha256:${createHash("sha256").update("bytes").digest("hex")}`);
  });

  it("fails when a file is gone, instead of being short", async () => {
    const layer: Layer = { name: "any", entries: [{ type: "file", path: "a", source: path.join(folder(), "absent") }] };
    await assert.rejects(read(layerBytes(layer)), { code: "ENOENT" });
  });

  it("refuses a path that would make its header longer than foretold", async () => {
    const layer: Layer = { name: "any", entries: [{ type: "directory", path: "x".repeat(120) }] };
    await assert.rejects(read(layerBytes(layer)), /too long for a plain tar header/);
  });
});
