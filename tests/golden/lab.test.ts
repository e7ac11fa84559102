// Every resource of the stack `lab`, as a dump that a review can read line by line.
// UPDATE_GOLDEN=1 writes the dump anew. Does not prove: that Kubernetes or Istio take the resources; the lab's tests do.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { readStackFile } from "../../cli/stack-file";
import { parseConfig, Plan, planStack } from "../../model";

const golden = path.join(__dirname, "lab.yaml");

function dump(plan: Plan): string {
  const documents: [string, unknown][] = [
    ["mesh", plan.mesh.namespace],
    ["mesh: Helm release", plan.mesh.base],
    ["mesh: Helm release", plan.mesh.istiod],
    ...plan.mesh.policies.map((manifest) => ["mesh", manifest] as [string, unknown]),
    ...plan.gateway.map((manifest) => ["gateway", manifest] as [string, unknown]),
    ...[...plan.namespaces, ...plan.workloads, ...plan.destinations].flatMap(({ name, manifests }) =>
      manifests.map((manifest) => [name, manifest] as [string, unknown]),
    ),
  ];
  return documents
    .map(([owner, document]) => `--- # ${owner}\n${stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 })}`)
    .join("");
}

describe("the stack lab", () => {
  it("plans what the golden dump holds", () => {
    const { raw } = readStackFile("lab");
    const actual = dump(planStack(parseConfig(raw, { now: new Date() })));
    if (process.env.UPDATE_GOLDEN === "1") {
      fs.writeFileSync(golden, actual);
    }
    const expected = fs.existsSync(golden) ? fs.readFileSync(golden, "utf8") : "";
    assert.equal(actual, expected, "the plan has changed: run the test with UPDATE_GOLDEN=1, and review the difference");
  });
});
