/** Name of the file that holds the table in the plugin's folder. */
export const tableFile = "declared-types.json";

/** The form of a value; `object` names a shape in the table. */
export type Kind = "string" | "number" | "boolean" | "any" | { list: Kind } | { map: Kind } | { object: string };

export interface Field {
  kind: Kind;
  /** Of an input: may be left out. Of an output: stays absent when the program leaves it out. */
  optional?: true;
}

/** Fields of an object by their names. */
export type Shape = Record<string, Field>;

export interface ResourceShapes {
  /** What a program may say. */
  inputs: Shape;
  /** What the resource has once it is there. */
  outputs: Shape;
}

/** What @pulumi/gcp declares, as far as a preview can be held to it. */
export interface DeclaredTypes {
  /** The package's version. */
  version: string;
  /** By type token, such as `gcp:container/nodePool:NodePool`. */
  resources: Record<string, ResourceShapes>;
  /** What the provider itself may be told. */
  provider: Shape;
  /** Objects inside resources, such as `inputs.container.NodePoolAutoscaling`. */
  objects: Record<string, Shape>;
}
