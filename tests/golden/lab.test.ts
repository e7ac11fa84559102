// Every resource of the stack `lab`, as a dump that a review can read line by line.
// UPDATE_GOLDEN=1 writes the dump anew. Does not prove: that Kubernetes or Istio take the resources; the lab's tests do.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { readStackFile } from "../../cli/stack-file";
import { Manifest, manifestKey, parseConfig, Plan, planStack } from "../../model";
import { now } from "../unit/model/config/sound-config";

const golden = path.join(__dirname, "lab.yaml");
const update = process.env.UPDATE_GOLDEN === "1";

/** Every resource under a title of its own: its owner, and what it is. */
function dump(plan: Plan): Map<string, string> {
  const documents = new Map<string, string>();
  const add = (title: string, document: object) =>
    documents.set(title, stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 }));
  const addAll = (owner: string, manifests: Manifest[]) =>
    manifests.forEach((manifest) => add(`${owner}: ${manifestKey(manifest)}`, manifest));

  const mesh = plan.mesh!;
  addAll("mesh", [mesh.namespace]);
  add("mesh: Helm release istio-base", mesh.base);
  add("mesh: Helm release istiod", mesh.istiod);
  addAll("mesh", mesh.policies);
  addAll("egress", plan.egress);
  plan.gateways.forEach(({ name, manifests }) => addAll(`gateway ${name}`, manifests));
  plan.namespaces.forEach(({ name, manifests }) => addAll(`namespace ${name}`, manifests));
  plan.workloads.forEach(({ namespace, name, manifests }) => addAll(`workload ${namespace}/${name}`, manifests));
  plan.destinations.forEach(({ name, manifests }) => addAll(`destination ${name}`, manifests));
  plan.outside.forEach(({ name, manifests }) => addAll(`outside ${name}`, manifests));
  addAll("admission", plan.admission);
  return documents;
}

function format(documents: Map<string, string>): string {
  return [...documents].map(([title, text]) => `--- # ${title}\n${text}`).join("");
}

function parse(text: string): Map<string, string> {
  const documents = text.split(/^--- # /m).slice(1);
  return new Map(documents.map((document) => document.split(/\n(.*)/s) as [string, string]));
}

describe("the stack lab", () => {
  const { raw } = readStackFile("lab");
  const planned = dump(planStack(parseConfig(raw, { now })));
  if (update) {
    fs.writeFileSync(golden, format(planned));
  }
  const held = parse(fs.readFileSync(golden, "utf8"));
  const how = "run the golden tests with UPDATE_GOLDEN=1, and review what changes";

  it("plans the resources that the golden dump holds, in its order", () => {
    assert.deepEqual([...planned.keys()], [...held.keys()], how);
  });

  it("plans each of them as it is in the golden dump", () => {
    for (const [title, text] of planned) {
      assert.equal(text, held.get(title), `${title} has changed: ${how}`);
    }
  });
});
