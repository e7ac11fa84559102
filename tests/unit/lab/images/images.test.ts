// Does not prove that the images run: it looks at what they are made of.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { type Image } from "../../../../lab/images/archive";
import { imageReferences, labImages } from "../../../../lab/images/images";
import type { FileEntry, LayerEntry } from "../../../../lab/images/layer";
import { temporaryFolder } from "../tools/temporary";

const tool = (name: string) => ({ path: `/tools/${name}`, version: "1", source: "cache" as const });

const images = labImages(
  {
    tools: {
      pause: tool("pause"),
      coredns: tool("coredns"),
      envoy: tool("envoy"),
      "pilot-agent": tool("pilot-agent"),
      "pilot-discovery": tool("pilot-discovery"),
    },
    istio: { bootstrapTemplate: "/istio/envoy_bootstrap.json" },
    authorityPem: "LAB\n",
  },
  { tar: "/rootfs.tar", authorities: "DEBIAN\n" },
);

function image(name: keyof typeof imageReferences): Image {
  return images.find(({ reference }) => reference === imageReferences[name])!;
}

function entries(name: keyof typeof imageReferences): LayerEntry[] {
  return image(name).layers.flatMap((layer) => ("entries" in layer ? layer.entries : []));
}

function file(name: keyof typeof imageReferences, path: string): FileEntry {
  const found = entries(name).find((entry) => entry.path === path);
  assert.ok(found?.type === "file", `${name} has ${path}`);
  return found;
}

describe("the lab's images", () => {
  const folder = temporaryFolder();

  it("are the five that the lab names", () => {
    assert.deepEqual(images.map(({ reference }) => reference).sort(), [
      "lab.istio-egress.local/coredns:1",
      "lab.istio-egress.local/pause:1",
      "lab.istio-egress.local/pilot:1.31.1",
      "lab.istio-egress.local/proxyv2:1.31.1",
      "lab.istio-egress.local/workload:1",
    ]);
  });

  it("start a program that they hold", () => {
    for (const { reference, layers, config } of images) {
      const paths = layers
        .flatMap((layer) => ("entries" in layer ? layer.entries : []))
        .map((entry) => `/${entry.path}`);
      assert.ok(paths.includes(config.Entrypoint![0]!), reference);
    }
  });

  it("share one Debian layer where they need more than one static program", () => {
    const withDebian = images.filter(({ layers }) => layers.some((layer) => "tar" in layer));
    assert.deepEqual(
      withDebian.map(({ reference }) => reference),
      [imageReferences.pilot, imageReferences.proxyv2, imageReferences.workload],
    );
    for (const { layers } of withDebian) {
      assert.deepEqual(layers[0], { name: "debian", tar: "/rootfs.tar" });
    }
  });

  it("name different layers differently, since the archive holds a name once", () => {
    const byName = new Map<string, string>();
    for (const layer of images.flatMap(({ layers }) => layers)) {
      assert.equal(byName.get(layer.name) ?? JSON.stringify(layer), JSON.stringify(layer));
      byName.set(layer.name, JSON.stringify(layer));
    }
  });

  it("run Istio as its own user, with what pilot-agent looks for", () => {
    assert.equal(image("pilot").config.User, "1337:1337");
    assert.equal(image("proxyv2").config.User, "1337:1337");
    assert.deepEqual(file("proxyv2", "var/lib/istio/envoy/envoy_bootstrap_tmpl.json"), {
      type: "file",
      path: "var/lib/istio/envoy/envoy_bootstrap_tmpl.json",
      mode: 0o644,
      source: "/istio/envoy_bootstrap.json",
    });
    const proxyFolder = entries("proxyv2").find((entry) => entry.path === "var/lib/istio/proxy");
    assert.equal(proxyFolder?.owner, 1337);
  });

  it("have workloads trust the lab's authority beside Debian's, as a user without rights", () => {
    const authorities = file("workload", "etc/ssl/certs/ca-certificates.crt");
    assert.equal("content" in authorities && authorities.content, "DEBIAN\nLAB\n");
    assert.equal(image("workload").config.User, "1000:1000");
  });

  it("end a workload at once when it is told to, with a port and without", async () => {
    const script = file("workload", "usr/local/bin/workload");
    assert.ok("content" in script);
    const program = path.join(folder(), "workload");
    await fs.writeFile(program, script.content, { mode: 0o755 });
    for (const port of ["", "0"]) {
      const before = Date.now();
      const ended = spawnSync("timeout", ["--signal=TERM", "0.5", program], { env: { ...process.env, PORT: port } });
      assert.equal(ended.status, 124, ended.stderr.toString());
      assert.ok(Date.now() - before < 5000);
    }
  });
});
