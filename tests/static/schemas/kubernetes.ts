import * as fs from "node:fs/promises";
import * as path from "node:path";
import { toolGroups } from "../../../lab/tools/catalog";
import { go } from "../../../lab/tools/golang";
import { ofKind, Schema, strict } from "./strict";

/** Schemas by `<group>/<version>/<kind>`, which is also where their files are; a core object's group is its version. */
export type Schemas = Map<string, Schema>;

type Definitions = Record<string, Schema>;

interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

const metadata = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";

/** Any program of the module will do to learn where Go keeps it. */
const anyPackage = "k8s.io/kubernetes/cmd/kubectl";

/** The definitions of the API that the pinned Kubernetes serves, from its own module. */
export async function apiDefinitions(): Promise<Definitions> {
  const { folder } = toolGroups.find(({ name }) => name === "kubernetes")!;
  const { stdout } = await go(["list", "-find", "-f", "{{.Module.Dir}}", anyPackage], { cwd: folder });
  const file = path.join(stdout.trim(), "api", "openapi-spec", "swagger.json");
  const { definitions } = JSON.parse(await fs.readFile(file, "utf8")) as { definitions: Definitions };
  return { ...definitions, [quantity]: { oneOf: [{ type: "string" }, { type: "number" }] } };
}

/** One schema for every kind of object, each with all that it refers to. */
export function kubernetesSchemas(definitions: Definitions): Schemas {
  const schemas: Schemas = new Map();
  for (const definition of Object.values(definitions)) {
    const [only, ...others] = (definition["x-kubernetes-group-version-kind"] ?? []) as GroupVersionKind[];
    // What belongs to several, such as DeleteOptions, is no object that anybody keeps.
    if (only !== undefined && others.length === 0) {
      const { group, version, kind } = only;
      const apiVersion = group === "" ? version : `${group}/${version}`;
      const schema = withDefinitions(ofKind(strict(definition), apiVersion, kind), definitions);
      schemas.set(schemaKey(apiVersion, kind), schema);
    }
  }
  return schemas;
}

/** Schemas of the kinds that CustomResourceDefinitions define, for the versions that they serve. */
export function definedSchemas(crds: CustomResourceDefinition[], definitions: Definitions): Schemas {
  const schemas: Schemas = new Map();
  for (const { spec } of crds) {
    for (const { name, schema } of spec.versions.filter((version) => version.served)) {
      const apiVersion = `${spec.group}/${name}`;
      const structural = ofKind(strict(schema.openAPIV3Schema), apiVersion, spec.names.kind);
      structural.properties!.metadata = { $ref: `#/definitions/${metadata}` };
      schemas.set(schemaKey(apiVersion, spec.names.kind), withDefinitions(structural, definitions));
    }
  }
  return schemas;
}

export interface CustomResourceDefinition {
  kind: "CustomResourceDefinition";
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
}

/** Where kubeconform looks: see `schemaLocation` of prepare.ts. */
export function schemaKey(apiVersion: string, kind: string): string {
  const [group, version = group] = apiVersion.split("/");
  return `${group}/${version}/${kind.toLowerCase()}`;
}

function withDefinitions(schema: Schema, definitions: Definitions): Schema {
  const needed: Definitions = {};
  const collect = (part: unknown): void => {
    for (const name of referredTo(part).filter((found) => needed[found] === undefined)) {
      needed[name] = strict(definitions[name]!);
      collect(needed[name]);
    }
  };
  collect(schema);
  return { ...schema, definitions: needed };
}

function referredTo(part: unknown): string[] {
  const references = JSON.stringify(part).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g);
  return [...new Set([...references].map(([, name]) => name!))];
}
