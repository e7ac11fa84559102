// The fields of a pod that a stack may say are those that Kubernetes has, by the types that @pulumi/kubernetes declares.
// Does not prove that a cluster of another version has them.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import ts from "typescript";
import { Field, fieldsOfType } from "../../../model/ground/pods/fields";

/** Kubernetes' names of types that the table has once for several alike. */
const alike: Record<string, string[]> = {
  KeySelector: ["ConfigMapKeySelector", "SecretKeySelector"],
  OptionalReference: ["ConfigMapEnvSource", "SecretEnvSource"],
  PodAffinity: ["PodAffinity", "PodAntiAffinity"],
  Projection: ["ConfigMapProjection", "SecretProjection"],
  Reference: ["LocalObjectReference", "PodSchedulingGate"],
  Requirement: ["NodeSelectorRequirement", "LabelSelectorRequirement"],
};

/** Volumes that the guard refuses, each with its reason. */
const foreign =
  /^(aws|azure|ceph|cinder|fc$|flex|flocker|gce|git|gluster|hostPath|iscsi|nfs|photon|portworx|quobyte|rbd|scaleIO|storageos|vsphere)/;

describe("the fields of a pod", () => {
  const declared = declaredTypes();

  it("are read of Kubernetes' types", () => {
    assert.ok((declared.get("PodSpec")?.size ?? 0) > 30);
  });

  for (const [type, fields] of fieldsOfType) {
    it(`${type}: are those that are declared, each with its kind`, () => {
      for (const name of alike[type] ?? [type]) {
        const known = declared.get(name) ?? assert.fail(`${name} is not declared`);
        const expected = [...known].filter(([field]) => type !== "Volume" || !foreign.test(field));
        assert.deepEqual([...fields.keys()].sort(), expected.map(([field]) => field).sort(), name);
        for (const [field, kind] of expected) {
          assert.ok(fits(fields.get(field)!, kind), `${name}.${field}: ${fields.get(field)!.takes} for ${kind}`);
        }
      }
    });
  }
});

/** Whether what a field takes is what is declared; a quantity is declared as a text, and may be a number. */
function fits({ takes, isList }: Field, declared: string): boolean {
  const base = declared.replace(/\[\]$/, "");
  if (isList !== declared.endsWith("[]")) {
    return takes === "any";
  }
  const plain: Record<string, string[]> = {
    text: ["string"],
    number: ["number"],
    truth: ["boolean"],
    scalar: ["number | string", "string"],
    texts: ["{ [key: string]: string; }"],
    scalars: ["{ [key: string]: string; }"],
  };
  return takes === "any" || (plain[takes] ?? alike[takes] ?? [takes]).includes(base);
}

function declaredTypes(): Map<string, Map<string, string>> {
  const file = path.join(path.dirname(require.resolve("@pulumi/kubernetes/package.json")), "types", "input.d.ts");
  const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const types = new Map<string, Map<string, string>>();
  const visit = (node: ts.Node, place: string) => {
    if (ts.isInterfaceDeclaration(node) && /^(core|meta)\.v1$/.test(place) && !types.has(node.name.text)) {
      types.set(node.name.text, new Map(node.members.flatMap((member) => fieldOf(member, source))));
    }
    const inner = ts.isModuleDeclaration(node) ? [place, node.name.text].filter(Boolean).join(".") : place;
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(source, "");
  return types;
}

function fieldOf(member: ts.TypeElement, source: ts.SourceFile): [string, string][] {
  if (!ts.isPropertySignature(member) || member.type === undefined) {
    return [];
  }
  const type = member.type
    .getText(source)
    .replace(/pulumi\.Input<|inputs\.(core|meta)\.v1\.|>/g, "")
    .replace(/ \| undefined$/, "")
    .replace(/\s+/g, " ");
  return [[member.name.getText(source), type]];
}
