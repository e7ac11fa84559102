// Patches of others' objects by the stand-in: through Pulumi's engine, against a real API server's account of fields.
// Does not prove: that the official kubernetes plugin leaves the same behind, where the stand-in is in use.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { place } from "./provider/place";
import { Project } from "./provider/project";

const owners = ["applied", "server-side", "helm", "created"] as const;
type Owner = (typeof owners)[number];
const nameOf = (owner: Owner): string => `patch-trial-${owner}`;
const group = "patch-trial.example";

/** A namespace as its owner declares it. */
function declared(owner: Owner, labels: object = {}): object {
  const annotations = { "example.org/owner": owner };
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: nameOf(owner), labels: { team: "pay", ...labels }, annotations },
  };
}

/** Adds a label to each of the namespaces. */
const labelled = (more = ""): string =>
  owners
    .map(
      (owner) => `new k8s.core.v1.NamespacePatch("${owner}", { metadata: {
      name: "${nameOf(owner)}", labels: { "istio-injection": "enabled"${more} } } });`,
    )
    .join("\n");

describe("the stand-in's patches", function () {
  this.timeout(900_000);
  let project: Project;

  before(async () => {
    project = new Project(place());
    await project.prepare();
    project.program("");
    await fine("kubectl", "apply", "-f", written("applied.yaml", declared("applied")));
    await fine(
      "kubectl",
      "apply",
      "--server-side",
      "--field-manager=argocd-controller",
      "-f",
      written("server-side.yaml", declared("server-side")),
    );
    await fine("kubectl", "create", "-f", written("created.yaml", declared("created")));
    await fine("helm", "upgrade", "--install", "tenant", chart(), "--namespace=default");
  });

  after(async () => {
    await project.pulumi("destroy --yes --skip-preview");
    await project.run(["helm", "uninstall", "tenant", "--namespace=default", "--ignore-not-found"]);
    await project.kubectl("delete", "namespace", ...owners.map(nameOf), "--ignore-not-found");
    await project.kubectl("delete", "crd", `gadgets.${group}`, "--ignore-not-found");
    project.remove();
  });

  it("add their fields, see no others, and leave the object as it was to the byte", async () => {
    const before = await Promise.all(owners.map((owner) => seen("namespace", nameOf(owner))));
    project.program(labelled());
    assert.deepEqual(
      (await project.steps()).filter(({ urn }) => urn.includes("Patch::")).map(({ op }) => op),
      owners.map(() => "create"),
    );
    assert.deepEqual(
      await Promise.all(owners.map((owner) => seen("namespace", nameOf(owner)))),
      before,
      "a preview changed something",
    );
    await project.up();
    for (const owner of owners) {
      assert.match(await seen("namespace", nameOf(owner)), /"istio-injection":"enabled".*"team":"pay"/);
    }
    assert.doesNotMatch(project.storedState(), /example\.org\/owner|"team"/);
    const again = await project.pulumi("up --yes --skip-preview --refresh --expect-no-changes");
    assert.equal(again.code, 0, again.output);

    project.program(labelled(', "istio-egress/discovery": "yes"'));
    await project.up();
    assert.match(await seen("namespace", nameOf("helm")), /"istio-egress\/discovery":"yes"/);
    await destroyed();
    assert.deepEqual(await Promise.all(owners.map((owner) => seen("namespace", nameOf(owner)))), before);
  });

  it("outlive what the owners do to their own fields in the meantime", async () => {
    project.program(labelled());
    await project.up();
    const more = { stage: "two" };
    await fine("kubectl", "apply", "-f", written("applied.yaml", declared("applied", more)));
    await fine(
      "kubectl",
      "apply",
      "--server-side",
      "--field-manager=argocd-controller",
      "-f",
      written("server-side.yaml", declared("server-side", more)),
    );
    await fine("helm", "upgrade", "--install", "tenant", chart(more), "--namespace=default");
    for (const owner of ["applied", "server-side", "helm"] as const) {
      assert.match(await seen("namespace", nameOf(owner)), /"istio-injection":"enabled".*"stage":"two".*"team":"pay"/);
    }
    const again = await project.pulumi("up --yes --skip-preview --refresh --expect-no-changes");
    assert.equal(again.code, 0, again.output);
    await destroyed();
    for (const owner of ["applied", "server-side", "helm"] as const) {
      assert.match(await seen("namespace", nameOf(owner)), /"labels":\{"[^}]*"stage":"two","team":"pay"\}/);
      assert.doesNotMatch(await seen("namespace", nameOf(owner)), /istio-injection/);
    }
  });

  it("name the manager and the field of a conflict, in a preview already, and take the field only by force", async () => {
    const taking = (annotations: string): string => `new k8s.core.v1.NamespacePatch("taken", { metadata: {
      name: "${nameOf("applied")}", ${annotations} labels: { team: "ours" } } });`;
    project.program(taking(""));
    for (const command of ["preview", "up --yes --skip-preview"]) {
      const { code, output } = await project.pulumi(command);
      assert.notEqual(code, 0);
      assert.match(
        output,
        /Namespace "patch-trial-applied" is not applied: metadata\.labels\.team is set by "kubectl-client-side-apply"/,
      );
      assert.doesNotMatch(output, /\n +at /, "a stack trace");
    }
    assert.match(await seen("namespace", nameOf("applied")), /"team":"pay"/);
    project.program(taking('annotations: { "pulumi.com/patchForce": "true" },'));
    await project.up();
    const forced = await seen("namespace", nameOf("applied"));
    assert.match(forced, /"team":"ours"/);
    assert.doesNotMatch(forced, /patchForce/);
    await destroyed();
  });

  it("show as drift what others have done to their fields, and nothing else of theirs", async () => {
    project.program(labelled());
    await project.up();
    await fine(
      "kubectl",
      "label",
      "namespace",
      nameOf("created"),
      "istio-injection=disabled",
      "team=other",
      "--overwrite",
    );
    const { output } = await project.pulumi("refresh --yes --skip-preview --diff");
    assert.match(output, /istio-injection/);
    assert.doesNotMatch(output, /team/);
    const refused = await project.pulumi("up --yes --skip-preview");
    assert.match(refused.output, /metadata\.labels\.istio-injection is set by "kubectl-label"/);
    await destroyed();
    assert.match(await seen("namespace", nameOf("created")), /"istio-injection":"disabled".*"team":"other"/);
    await fine("kubectl", "label", "namespace", nameOf("created"), "istio-injection-", "team=pay", "--overwrite");
  });

  it("make no object: one that is not there is warned of in a preview, and refused in an update", async () => {
    project.program(
      'new k8s.core.v1.NamespacePatch("a", { metadata: { name: "patch-trial-absent", labels: { a: "b" } } });',
    );
    assert.match(
      (await project.pulumi("preview")).output,
      /Namespace "patch-trial-absent" does not exist.*fails unless it is made before/,
    );
    const { code, output } = await project.pulumi("up --yes --skip-preview");
    assert.notEqual(code, 0);
    assert.match(output, /Namespace "patch-trial-absent" does not exist, so there is nothing to patch/);
    assert.match((await project.kubectl("get", "namespace", "patch-trial-absent")).output, /NotFound/);
  });

  it("are not lost when they are replaced", async () => {
    project.program(labelled());
    await project.up();
    const urn = /urn:pulumi:trial::trial::kubernetes:core\/v1:NamespacePatch::applied/.exec(project.storedState())![0];
    const { code, output } = await project.run(["pulumi", "up", "--yes", "--skip-preview", "--replace", urn]);
    assert.equal(code, 0, output);
    assert.match(output, /1 replaced/);
    assert.match(await seen("namespace", nameOf("applied")), /"istio-injection":"enabled"/);
    await destroyed();
  });

  it("change lists and maps of any kind, custom resources among them, and leave nothing of it behind", async () => {
    const namespace = nameOf("created");
    const metadata = { name: "theirs", namespace };
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `gadgets.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { kind: "Gadget", plural: "gadgets" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: {
                  spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                },
              },
            },
          },
        ],
      },
    };
    await fine("kubectl", "apply", "-f", written("definition.yaml", definition));
    await fine("kubectl", "wait", "--for=condition=Established", `crd/gadgets.${group}`);
    await fine(
      "kubectl",
      "apply",
      "-f",
      written(
        "theirs.yaml",
        {
          apiVersion: "v1",
          kind: "Service",
          metadata,
          spec: { selector: { app: "theirs" }, ports: [{ name: "http", port: 80 }] },
        },
        { apiVersion: "v1", kind: "Secret", metadata, stringData: { theirs: "hidden" } },
        { apiVersion: "v1", kind: "ServiceAccount", metadata },
        { apiVersion: `${group}/v1`, kind: "Gadget", metadata, spec: { size: 1, list: ["a"] } },
      ),
    );
    const kinds = ["service", "secret", "serviceaccount", "gadget"];
    const all = () => Promise.all(kinds.map((kind) => seen(kind, "theirs", namespace)));
    const before = await all();
    project.program(`
      const metadata = { name: "theirs", namespace: "${namespace}" };
      new k8s.core.v1.ServicePatch("a", { metadata, spec: { ports: [{ name: "more", port: 81, protocol: "TCP" }] } });
      new k8s.core.v1.SecretPatch("b", { metadata, stringData: { ours: pulumi.secret("correct-horse") } });
      new k8s.core.v1.ServiceAccountPatch("c", { metadata: { ...metadata, annotations: { note: "ours" } }, imagePullSecrets: [{ name: "ours" }] });
      new k8s.apiextensions.CustomResourcePatch("d", { apiVersion: "${group}/v1", kind: "Gadget", metadata, spec: { colour: { red: 1 } } });`);
    await project.up();
    const changed = await all();
    assert.match(changed[0]!, /"name":"http".*"name":"more"/);
    assert.match(changed[1]!, /"ours":"Y29ycmVjdC1ob3JzZQ==","theirs":"aGlkZGVu"/);
    assert.match(changed[2]!, /"imagePullSecrets":\[\{"name":"ours"\}\]/);
    assert.match(changed[3]!, /"colour":\{"red":1\},"list":\["a"\],"size":1/);
    const state = project.storedState();
    assert.deepEqual(
      ["hidden", "aGlkZGVu", "correct-horse"].filter((secret) => state.includes(secret)),
      [],
    );
    const again = await project.pulumi("up --yes --skip-preview --refresh --expect-no-changes");
    assert.equal(again.code, 0, again.output);
    await destroyed();
    assert.deepEqual(await all(), before);
  });

  async function fine(...command: string[]): Promise<string> {
    const { code, output, stdout } = await project.run(command);
    assert.equal(code, 0, `${command.join(" ")}: ${output}`);
    return stdout;
  }

  async function destroyed(): Promise<void> {
    const { code, output } = await project.pulumi("destroy --yes --skip-preview");
    assert.equal(code, 0, output);
  }

  /** The object as the API server gives it, but for its account of who set what, and its version. */
  async function seen(kind: string, name: string, namespace = "default"): Promise<string> {
    const object = JSON.parse(
      await fine("kubectl", "get", kind, name, `--namespace=${namespace}`, "--output=json"),
    ) as {
      metadata: { resourceVersion?: string; generation?: number };
    };
    delete object.metadata.resourceVersion;
    delete object.metadata.generation;
    return JSON.stringify(object);
  }

  function written(name: string, ...documents: object[]): string {
    const file = path.join(project.folder, name);
    fs.writeFileSync(file, documents.map((document) => stringify(document)).join("---\n"));
    return file;
  }

  /** A chart whose one template is a namespace of Helm's. */
  function chart(labels: object = {}): string {
    fs.mkdirSync(path.join(project.folder, "chart", "templates"), { recursive: true });
    written("chart/Chart.yaml", { apiVersion: "v2", name: "tenant", version: "1.0.0" });
    written("chart/templates/namespace.yaml", declared("helm", labels));
    return path.join(project.folder, "chart");
  }
});
