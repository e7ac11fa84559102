// What Helm is told for a release, and what is read from a chart.
// Does not prove: what Helm does with it; the lab's test of the provider installs a chart.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { uninstallArguments, upgradeArguments, valueFiles } from "../../../lab/provider/helm/arguments";
import { chartDigest, chartProblem, localChart } from "../../../lab/provider/helm/chart";
import { helmMessage, helmProgram, withScratchFolder } from "../../../lab/provider/helm/command";
import { objectsOf, upgradedStatus } from "../../../lab/provider/helm/status";

const release = { name: "istiod", namespace: "istio-system", chart: "istiod" };

describe("helm upgrade", () => {
  it("gets the release, its values and how long to wait", () => {
    const expected = [
      "upgrade istiod istiod --install --namespace istio-system --reset-values --values values.json",
      "--wait --timeout 300s --output json",
    ];
    assert.deepEqual(upgradeArguments(release, ["values.json"], 300), expected.join(" ").split(" "));
  });

  it("gets every option that the program gives", () => {
    const inputs = {
      ...release,
      version: "1.31.1",
      repositoryOpts: { repo: "https://charts.example" },
      createNamespace: true,
      skipCrds: true,
      atomic: false,
      skipAwait: true,
      maxHistory: 3,
      reuseValues: true,
    };
    const given = upgradeArguments(inputs, [], 60).join(" ");
    for (const part of [
      /--version 1\.31\.1/,
      /--repo https:\/\/charts\.example/,
      /--create-namespace/,
      /--skip-crds/,
    ]) {
      assert.match(given, part);
    }
    assert.match(given, /--history-max 3 --reuse-values/);
    assert.doesNotMatch(given, /--atomic|--wait/);
  });

  it("has uninstall as its end, which does not mind a release that is not there", () => {
    assert.deepEqual(
      uninstallArguments(release, 300),
      "uninstall istiod --ignore-not-found --namespace istio-system --wait --timeout 300s".split(" "),
    );
  });
});

describe("values", () => {
  it("are files that only we can read, the program's own last, and gone afterwards", async () => {
    let files: string[] = [];
    await withScratchFolder(async (folder) => {
      files = valueFiles(
        { values: { a: 1, b: null }, valueYamlFiles: [{ path: "/x.yaml" }, { text: "c: 2" }] },
        folder,
      );
      assert.equal(files[0], "/x.yaml");
      assert.equal(fs.readFileSync(files[1]!, "utf8"), "c: 2");
      assert.deepEqual(JSON.parse(fs.readFileSync(files[2]!, "utf8")), { a: 1 });
      assert.equal(fs.statSync(files[2]!).mode & 0o077, 0);
      assert.equal(fs.statSync(folder).mode & 0o077, 0);
    });
    assert.equal(fs.existsSync(files[2]!), false);
  });

  it("may hold nulls when the program says so", async () => {
    await withScratchFolder(async (folder) => {
      const [file] = valueFiles({ values: { b: null }, allowNullValues: true }, folder);
      assert.deepEqual(JSON.parse(fs.readFileSync(file!, "utf8")), { b: null });
    });
  });

  it("of other assets are refused", async () => {
    await withScratchFolder(async (folder) => {
      assert.throws(() => valueFiles({ valueYamlFiles: [{ uri: "https://x" }] }, folder), /valueYamlFiles\[0\]/);
    });
  });
});

describe("a local chart", () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "chart-"))));
  after(() => fs.rmSync(folder, { recursive: true }));

  it("is known by its path, and a fetched one by its repository", () => {
    assert.equal(localChart({ chart: folder }), folder);
    assert.equal(localChart({ chart: "./absent" }), "./absent");
    assert.equal(localChart({ chart: "base", repositoryOpts: { repo: "https://charts.example" } }), undefined);
    assert.equal(localChart({ chart: "oci://charts.example/base" }), undefined);
  });

  it("needs a Chart.yaml", () => {
    assert.match(chartProblem(path.join(folder, "absent"))!, /there is no chart at/);
    assert.match(chartProblem(folder)!, /no Chart\.yaml/);
    fs.writeFileSync(path.join(folder, "Chart.yaml"), "name: x");
    assert.equal(chartProblem(folder), undefined);
  });

  it("has a digest of every file's name and contents", () => {
    const digests = [chartDigest(folder)];
    fs.writeFileSync(path.join(folder, "a"), "1");
    digests.push(chartDigest(folder));
    fs.renameSync(path.join(folder, "a"), path.join(folder, "b"));
    digests.push(chartDigest(folder));
    assert.equal(new Set(digests).size, 3);
    assert.equal(chartDigest(folder), digests[2]);
  });
});

describe("Helm", () => {
  it("is the one that is named, and missed in words", () => {
    const before = { helm: process.env.ISTIO_EGRESS_HELM, path: process.env.PATH };
    try {
      process.env.ISTIO_EGRESS_HELM = process.execPath;
      assert.equal(helmProgram(), process.execPath);
      process.env.ISTIO_EGRESS_HELM = "/nowhere/helm";
      assert.throws(helmProgram, /ISTIO_EGRESS_HELM names \/nowhere\/helm/);
      delete process.env.ISTIO_EGRESS_HELM;
      process.env.PATH = "/nowhere";
      assert.throws(helmProgram, /not on the PATH/);
    } finally {
      process.env.PATH = before.path;
      if (before.helm !== undefined) {
        process.env.ISTIO_EGRESS_HELM = before.helm;
      }
    }
  });

  it("is quoted without its warnings", () => {
    const written = "WARNING: old values\nError: UPGRADE FAILED: context deadline exceeded\n";
    assert.equal(helmMessage(written), "context deadline exceeded");
    assert.equal(helmMessage("killed"), "killed");
  });

  it("tells of a release what the resource gives out", () => {
    const chart = { metadata: { name: "base", version: "1.31.1", appVersion: "1.31.1" } };
    const info = { status: "deployed", notes: "…" };
    const record = {
      name: "istio-base",
      namespace: "istio-system",
      version: 2,
      info,
      chart,
      config: { a: 1 },
      manifest: "",
    };
    assert.deepEqual(upgradedStatus(JSON.stringify(record)), {
      values: { a: 1 },
      manifest: "",
      status: {
        name: "istio-base",
        namespace: "istio-system",
        revision: 2,
        status: "deployed",
        chart: "base",
        version: "1.31.1",
        appVersion: "1.31.1",
      },
    });
  });

  it("gives a release's objects as YAML", () => {
    const release = {
      values: {},
      status: {},
      manifest: "---\n# Source: a.yaml\nkind: A\n---\n# nothing\n---\nkind: B\n",
    };
    assert.deepEqual(objectsOf(release), [{ kind: "A" }, { kind: "B" }]);
  });
});
