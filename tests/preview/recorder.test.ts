// The recorder that stands in for the gcp plugin, through Pulumi's engine.
// Does not prove: that Google's API takes what is previewed, nor anything about the official plugin's own rules.
import assert from "node:assert/strict";
import { unknownValue } from "../../lab/json";
import { until } from "../lab/support/until";
import { Engine, Preview, Step } from "./support/engine";

/** A cluster with a node pool, and what stands on it. */
const cluster = `
  const account = new gcp.serviceaccount.Account("nodes", { accountId: "nodes" });
  const cluster = new gcp.container.Cluster("main", {
    location: "europe-west1", masterAuth: { clientCertificateConfig: { issueClientCertificate: false } } });
  const pool = new gcp.container.NodePool("work", {
    cluster: cluster.id, nodeCount: 3, nodeConfig: { serviceAccount: account.email } });
  const kubeconfig = pulumi.secret(cluster.masterAuth.clusterCaCertificate);
  const provider = new k8s.Provider("main", { kubeconfig, clusterIdentifier: cluster.id });
  const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } }, { provider });
  const labels = { app: "cart" };
  new k8s.apps.v1.Deployment("cart", { metadata: { namespace: namespace.metadata.name }, spec: {
    selector: { matchLabels: labels }, template: { metadata: { labels }, spec: {
      containers: [{ name: "cart", image: "cart" }] } } } }, { provider, dependsOn: pool });
  new k8s.apiextensions.CustomResource("hosts", {
    apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata: { name: "cart" } }, { provider });
  new k8s.helm.v3.Release("mesh", { chart: "base", namespace: namespace.metadata.name }, { provider });
`;

function named(preview: Preview, name: string): Step["newState"] {
  const step = preview.steps.find(({ urn }) => urn.endsWith(`::${name}`));
  assert.ok(step, `${name} is not in the preview: ${preview.output}`);
  return step.newState;
}

describe("the recorder of previews", () => {
  let engine: Engine;

  before(async () => {
    engine = await Engine.start();
  });

  after(() => engine.stop());

  /** The errors of a program that cannot be previewed. */
  async function refused(statements: string, config: Record<string, string> = {}): Promise<string[]> {
    const preview = await engine.preview(engine.project(statements, config));
    assert.notEqual(preview.exitCode, 0, preview.output);
    return preview.errors;
  }

  describe("of a cluster and what stands on it", () => {
    let preview: Preview;

    before(async () => {
      preview = await engine.preview(engine.project(cluster));
      assert.equal(preview.exitCode, 0, preview.output);
    });

    it("shows all of it, the part on the unborn cluster too", () => {
      const created = preview.steps
        .filter(({ op, urn }) => op === "create" && !urn.includes("pulumi:pulumi:Stack"))
        .map(({ urn }) => urn.split("::").slice(2).join(" "));
      assert.deepEqual(created.sort(), [
        "gcp:container/cluster:Cluster main",
        "gcp:container/nodePool:NodePool work",
        "gcp:serviceaccount/account:Account nodes",
        "kubernetes:apps/v1:Deployment cart",
        "kubernetes:core/v1:Namespace shop",
        "kubernetes:helm.sh/v3:Release mesh",
        "kubernetes:networking.istio.io/v1:Sidecar hosts",
        "pulumi:providers:kubernetes main",
      ]);
    });

    it("has what the cloud decides as unknown, in other resources' inputs and in the provider's", () => {
      const pool = named(preview, "gcp:container/nodePool:NodePool::work").inputs!;
      assert.equal(pool.cluster, unknownValue);
      assert.equal(pool.nodeConfig.serviceAccount, unknownValue);
      assert.equal(pool.nodeCount, 3);
      const provider = named(preview, "pulumi:providers:kubernetes::main").inputs!;
      assert.equal(provider.kubeconfig, unknownValue);
      assert.equal(provider.clusterIdentifier, unknownValue);
    });

    it("keeps the program's dependencies", () => {
      const pool = named(preview, "gcp:container/nodePool:NodePool::work");
      const of = (urn: string) => urn.split("::").slice(2).join(" ");
      assert.deepEqual(pool.dependencies?.map(of).sort(), [
        "gcp:container/cluster:Cluster main",
        "gcp:serviceaccount/account:Account nodes",
      ]);
      assert.ok(named(preview, "kubernetes:apps/v1:Deployment::cart").dependencies!.includes(pool.urn));
    });

    it("writes down every resource of gcp that the program asks for", () => {
      assert.deepEqual(
        preview.recorded.map(({ token }) => token).sort(),
        ["container/cluster:Cluster", "container/nodePool:NodePool", "serviceaccount/account:Account"].map(
          (type) => `gcp:${type}`,
        ),
      );
      assert.deepEqual(preview.recorded.find(({ token }) => token.endsWith(":Account"))?.inputs, {
        accountId: "nodes",
      });
    });

    it("asks nobody outside the machine, not even for plugins", () => {
      assert.deepEqual(engine.deadEnd.asked, []);
    });
  });

  it("reports every misspelt, missing and ill-formed property of a resource at once", async () => {
    const errors = await refused(`
      new gcp.container.NodePool("work", {
        cluster: "main", nodeCount: "3",
        nodeConfig: { machineTyp: "n1-standard-2", taints: [{ key: "gateway", value: "true" }], tags: "ssh" } });
    `);
    const title = "gcp:container/nodePool:NodePool";
    assert.deepEqual(
      errors.map((text) => text.replace(/^.*has a problem: /, "")).sort(),
      [
        `"nodeConfig.machineTyp" is no property of ${title}; did you mean "machineType"?`,
        `"nodeConfig.taints[0].effect" is missing, and ${title} requires it.`,
        '"nodeConfig.tags" must be a list, and is the string "ssh".',
        '"nodeCount" must be a number, and is the string "3".',
      ].sort(),
    );
  });

  it("reports a setting that the provider does not have", async () => {
    const [error] = await refused('new gcp.compute.Network("main", {});', { "gcp:projct": "shop" });
    assert.match(error!, /"projct" is no property of the gcp provider; did you mean "project"\?/);
  });

  it("answers the data sources that it knows from the provider's settings, and refuses the others", async () => {
    const provider = 'const provider = new gcp.Provider("shop", { project: "shop", region: "europe-west1" });';
    const preview = await engine.preview(
      engine.project(`${provider}
        const { project } = gcp.organizations.getClientConfigOutput({ provider });
        new gcp.serviceaccount.Account("nodes", { accountId: "nodes", project }, { provider });`),
    );
    assert.deepEqual(
      preview.recorded.map(({ inputs }) => inputs),
      [{ accountId: "nodes", project: "shop" }],
    );

    const errors = await refused('gcp.compute.getImageOutput({ family: "cos-stable" }).apply(() => undefined);');
    assert.match(
      errors.join("\n"),
      /contacts nobody and has no answer for gcp:compute\/getImage:getImage; it has one for/,
    );
  });

  it("would notice if somebody asked the network, as for a plugin that is not there", async () => {
    const child = engine.start(engine.project(""), ["plugin", "install", "resource", "gcp", "9.36.0"]);
    await until("somebody asks the dead end", 30, () => engine.deadEnd.asked.length > 0);
    child.kill();
    assert.match(engine.deadEnd.asked[0]!, /^CONNECT /);
    engine.deadEnd.asked.length = 0;
  });

  it("marks in its record what is secret", async () => {
    const { recorded } = await engine.preview(
      engine.project('new gcp.compute.Network("main", { description: pulumi.secret("quiet") });'),
    );
    assert.deepEqual(
      recorded.map(({ secrets }) => secrets),
      [["description"]],
    );
  });

  it("refuses to apply, and leaves nothing in the state", async () => {
    const folder = engine.project('new gcp.compute.Network("main", {});');
    await engine.preview(folder);
    const { code, output } = await engine.run(folder, "up", "--yes", "--skip-preview", "--stack", "trial");
    assert.notEqual(code, 0);
    assert.match(
      output,
      /main: this gcp plugin is a recorder for previews, and cannot create anything; the official plugin is needed to apply/,
    );
    const { stdout: state } = await engine.run(folder, "stack", "export", "--stack", "trial");
    assert.ok(!state.includes("gcp:compute/network:Network"), state);
  });
});
