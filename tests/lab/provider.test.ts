// The kubernetes provider stand-in, whole: through Pulumi's engine, against a real API server.
// Does not prove: anything about the official provider's own rules for awaiting and replacing.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { place } from "./provider/place";
import { Project, Step, outcome } from "./provider/project";

const namespace = "provider-trial";
const password = "correct-horse-battery";

/** One of everything that has a rule of its own. */
function stack({ greeting = "hello", selector = "idle" } = {}): string {
  return `
    const namespace = new k8s.core.v1.Namespace("trial", { metadata: { name: "${namespace}" } });
    const metadata = (name) => ({ name, namespace: "${namespace}" });
    const options = { dependsOn: namespace };
    new k8s.core.v1.ConfigMap("settings", {
      metadata: metadata("settings"), data: { greeting: "${greeting}", kept: "as it is" } }, options);
    new k8s.core.v1.ConfigMap("unnamed", { metadata: { namespace: "${namespace}" }, data: {} }, options);
    new k8s.core.v1.Secret("login", {
      metadata: metadata("login"), stringData: { password: pulumi.secret("${password}") } }, options);
    const labels = { app: "${selector}" };
    new k8s.apps.v1.Deployment("idle", { metadata: metadata("idle"), spec: {
      replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: {
        containers: [{ name: "idle", image: "idle", resources: { requests: { cpu: "1000m" } } }] } } } }, options);
    new k8s.apiextensions.v1.CustomResourceDefinition("widgets", {
      metadata: { name: "widgets.provider-trial.example" }, spec: {
        group: "provider-trial.example", scope: "Namespaced", names: { kind: "Widget", plural: "widgets" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties: {
          spec: { type: "object", x_kubernetes_preserve_unknown_fields: true } } } } }] } });
    new k8s.apiextensions.CustomResource("widget", { apiVersion: "provider-trial.example/v1", kind: "Widget",
      metadata: metadata("widget"), spec: { size: 3 } }, options);
    exports.address = new k8s.core.v1.Service("idle", {
      metadata: metadata("idle"), spec: { ports: [{ port: 80 }], selector: labels } }, options).spec.clusterIP;
  `;
}

/** A Deployment whose pods the namespace refuses, so that no node is needed to see it fail. */
const refusedPods = `
  const namespace = new k8s.core.v1.Namespace("strict", { metadata: {
    name: "${namespace}-strict", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } });
  const labels = { app: "root" };
  new k8s.apps.v1.Deployment("root", { metadata: { name: "root", namespace: namespace.metadata.name }, spec: {
    selector: { matchLabels: labels }, template: { metadata: { labels }, spec: {
      containers: [{ name: "root", image: "root" }] } } } },
    { customTimeouts: { create: process.env.SECONDS + "s", update: process.env.SECONDS + "s" } });
`;

/** A Deployment of an image that no node has and that none may fetch. */
const absentImage = `
  const namespace = new k8s.core.v1.Namespace("trial", { metadata: { name: "${namespace}" } });
  const labels = { app: "absent" };
  new k8s.apps.v1.Deployment("absent", { metadata: { name: "absent", namespace: namespace.metadata.name }, spec: {
    selector: { matchLabels: labels }, template: { metadata: { labels }, spec: {
      containers: [{ name: "absent", image: "absent.invalid/absent:1", imagePullPolicy: "Never" }] } } } },
    { customTimeouts: { create: "25s" } });
`;

function changedFields(steps: Step[]): Record<string, string[]> {
  const named = steps.map(({ op, urn, detailedDiff }): [string, string[]] => [
    `${op} ${urn.split("::").at(-1)}`,
    Object.keys(detailedDiff ?? {}).sort(),
  ]);
  return Object.fromEntries(named);
}

describe("the kubernetes provider stand-in", function () {
  this.timeout(900_000);
  let project: Project;

  before(async () => {
    project = new Project(place());
    await project.prepare();
  });

  after(async () => {
    await project.pulumi("destroy --yes --skip-preview");
    await project.kubectl("delete", "namespace", namespace, `${namespace}-strict`, "--ignore-not-found");
    project.remove();
  });

  it("previews a whole stack without making any of it", async () => {
    project.program(stack());
    const steps = await project.steps();
    assert.deepEqual(new Set(steps.map(({ op }) => op)), new Set(["create"]));
    assert.match((await project.kubectl("get", "namespace", namespace)).output, /NotFound/);
  });

  it("makes it, a definition and its custom resource among it", async () => {
    assert.match(await project.up(), /address: +"[\d.]+"/);
    const { stdout } = await project.kubectl("get", "widget", "widget", "-n", namespace, "-o", "jsonpath={.spec.size}");
    assert.equal(stdout, "3");
  });

  it("finds nothing to change afterwards", async () => {
    const { code, output } = await project.pulumi("up --yes --skip-preview --expect-no-changes --refresh");
    assert.equal(code, 0, output);
  });

  it("keeps secrets encrypted in the state", () => {
    const state = project.storedState();
    const encoded = Buffer.from(password).toString("base64");
    assert.deepEqual([state.includes(password), state.includes(encoded)], [false, false]);
    assert.match(state, /"ciphertext"/);
  });

  it("names the one field that an edit changes", async () => {
    project.program(stack({ greeting: "good day" }));
    assert.deepEqual(changedFields(await project.steps()), { "update settings": ["data.greeting"] });
    await project.up();
  });

  it("shows on refresh what somebody else has changed, and tells who holds it", async () => {
    const patch = '{"data":{"greeting":"rude","foreign":"not ours"}}';
    await project.kubectl("patch", "configmap", "settings", "-n", namespace, "-p", patch, "--field-manager=intruder");
    const refreshed = await project.pulumi("refresh --yes --skip-preview --diff");
    assert.match(refreshed.output, /greeting: "good day" => "rude"/);
    assert.doesNotMatch(refreshed.output, /foreign/);

    const refused = await project.pulumi("up --yes --skip-preview");
    assert.notEqual(refused.code, 0);
    assert.match(
      refused.output,
      /ConfigMap "provider-trial\/settings" is not applied: data\.greeting is set by "intruder"/,
    );

    await project.up({ PULUMI_K8S_ENABLE_PATCH_FORCE: "true" });
    const { stdout } = await project.kubectl("get", "configmap", "settings", "-n", namespace, "-o", "jsonpath={.data}");
    assert.deepEqual(JSON.parse(stdout), { greeting: "good day", kept: "as it is", foreign: "not ours" });
  });

  it("replaces an object whose immutable field changes", async () => {
    project.program(stack({ greeting: "good day", selector: "asleep" }));
    const steps = changedFields((await project.steps()).filter(({ op }) => op === "replace" || op === "update"));
    assert.deepEqual(steps["replace idle"], ["spec.selector.matchLabels.app", "spec.template.metadata.labels.app"]);
    assert.match(await project.up(), /1 replaced/);
  });

  it("leaves nothing behind", async () => {
    const { code, output } = await project.pulumi("destroy --yes --skip-preview");
    assert.equal(code, 0, output);
    const left = await project.kubectl("get", "namespaces,customresourcedefinitions", "-o", "name");
    assert.doesNotMatch(left.output, /provider-trial/);
  });

  it("fails a Deployment that does not come up at its timeout, quoting the reason, and keeps it in the state", async () => {
    project.program(refusedPods);
    const failed = await project.pulumi("up --yes --skip-preview", { SECONDS: "12" });
    assert.notEqual(failed.code, 0);
    assert.match(
      failed.output,
      /Deployment "provider-trial-strict\/root" is not ready after 12 s: .*violates PodSecurity/,
    );
    assert.doesNotMatch(failed.output, /\n +at /, "a stack trace");
    assert.match(project.storedState(), /kubernetes:apps\/v1:Deployment::root/);
  });

  it("keeps what it was waiting for when it is interrupted", async () => {
    project.program(refusedPods);
    const child = project.start(["pulumi", "up", "--yes", "--skip-preview"], { SECONDS: "300" });
    const ended = outcome(child);
    await untilWritten(child.stdout!, /replicas are made/);
    const told = Date.now();
    child.kill("SIGINT");
    const { code, output } = await ended;
    assert.notEqual(code, 0);
    assert.ok(Date.now() - told < 120_000, "the wait went on");
    assert.match(output, /the wait for it was cancelled/);
    assert.match(project.storedState(), /kubernetes:apps\/v1:Deployment::root/);
    assert.equal((await project.pulumi("destroy --yes --skip-preview")).code, 0);
  });

  it("quotes what a node says of a container that cannot start", async function () {
    const nodes = await project.kubectl("get", "nodes", "-o", "name");
    if (nodes.stdout === "") {
      this.skip();
    }
    project.program(absentImage);
    const failed = await project.pulumi("up --yes --skip-preview");
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /Deployment "provider-trial\/absent" is not ready after 25 s: .*ErrImageNeverPull/);
    assert.equal((await project.pulumi("destroy --yes --skip-preview")).code, 0);
  });

  const mistakes: { title: string; program: string; says: RegExp; environment?: () => Record<string, string> }[] = [
    {
      title: "an object that exists already",
      program: `new k8s.core.v1.ServiceAccount("a", { metadata: { name: "default", namespace: "default" } });`,
      says: /ServiceAccount "default\/default" exists already\. Delete it, import it/,
    },
    {
      title: "a field that does not exist",
      program: `new k8s.core.v1.Service("a", { metadata: { name: "a", namespace: "default" }, spec: { prots: [] } });`,
      says: /Service "default\/a" has a field that its API does not know: spec\.prots/,
    },
    {
      title: "a value that is not allowed",
      program: `new k8s.core.v1.Service("a", { metadata: { name: "a", namespace: "default" },
        spec: { ports: [{ port: 99999 }] } });`,
      says: /Service "default\/a" is invalid: spec\.ports\[0\]\.port: .*between 1 and 65535/,
    },
    {
      title: "an API server that cannot be reached",
      program: `new k8s.core.v1.Namespace("a", { metadata: { name: "a" } });`,
      says: /Cannot reach the Kubernetes API server at https:\/\/127\.0\.0\.1:9 \(context ".+"\): connection refused/,
      environment: () => ({ KUBECONFIG: unreachable() }),
    },
  ];

  for (const { title, program, says, environment } of mistakes) {
    it(`explains ${title}, in a preview already`, async () => {
      project.program(program);
      const { code, output } = await project.pulumi("preview", environment?.() ?? {});
      assert.notEqual(code, 0);
      assert.match(output, says);
      assert.doesNotMatch(output, /\n +at /, "a stack trace");
    });
  }

  it("explains a kind that the server does not have", async () => {
    project.program(`new k8s.apiextensions.CustomResource("a", {
      apiVersion: "nobody.example/v1", kind: "Nothing", metadata: { name: "a", namespace: "default" } });`);
    const { code, output } = await project.pulumi("up --yes --skip-preview");
    assert.notEqual(code, 0);
    assert.match(output, /serves no kind Nothing in nobody\.example\/v1/);
  });

  it("installs, changes and uninstalls a Helm release", async () => {
    const chart = path.join(project.folder, "chart");
    fs.mkdirSync(path.join(chart, "templates"), { recursive: true });
    fs.writeFileSync(path.join(chart, "Chart.yaml"), stringify({ apiVersion: "v2", name: "note", version: "1.2.3" }));
    const template = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "note" }, data: { text: "VALUE" } };
    const file = path.join(chart, "templates", "note.yaml");
    fs.writeFileSync(file, stringify(template).replace("VALUE", "{{ .Values.text | quote }}"));
    const release = (text: string): string => `
      const release = new k8s.helm.v3.Release("note", { chart: "./chart", name: "note", createNamespace: true,
        namespace: "${namespace}", values: { text: "${text}" } });
      exports.release = pulumi.interpolate\`\${release.status.version} \${release.status.status}\`;`;
    project.program(release("one"));
    assert.match(await project.up(), /release: +"1\.2\.3 deployed"/);
    assert.deepEqual(await project.steps(), []);

    project.program(release("two"));
    assert.deepEqual(changedFields(await project.steps()), { "update note": ["values.text"] });
    fs.appendFileSync(file, "  more: text\n");
    assert.deepEqual(changedFields(await project.steps()), { "update note": ["chartDigest", "values.text"] });
    await project.up();
    const read = ["get", "configmap", "note", "-n", namespace, "-o", "jsonpath={.data}"];
    assert.deepEqual(JSON.parse((await project.kubectl(...read)).stdout), { text: "two", more: "text" });

    assert.equal((await project.pulumi("destroy --yes --skip-preview")).code, 0);
    assert.match((await project.kubectl(...read)).output, /NotFound/);
  });

  /** Resolves once the stream has written something that matches. */
  function untilWritten(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<void> {
    let written = "";
    const seen = new Promise<void>((resolve) => {
      stream.on("data", (part: string) => {
        written += part;
        if (pattern.test(written)) {
          resolve();
        }
      });
    });
    const late = delay(180_000, undefined, { ref: false }).then(() =>
      assert.fail(`${pattern} was not written: ${written}`),
    );
    return Promise.race([seen, late]);
  }

  /** The place's kubeconfig with a port on which nobody listens. */
  function unreachable(): string {
    const config = parse(fs.readFileSync(place().env.KUBECONFIG!, "utf8")) as {
      clusters: { cluster: { server: string } }[];
    };
    config.clusters[0]!.cluster.server = "https://127.0.0.1:9";
    const file = path.join(project.folder, "unreachable");
    fs.writeFileSync(file, stringify(config));
    return file;
  }
});
