/** A JSON schema, as far as this folder reads and writes one. */
export interface Schema {
  [keyword: string]: unknown;
  $ref?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
}

/** Words for readers, and what only an API server understands. */
const left = ["description", "default", "format", "x-kubernetes-group-version-kind"];
const intOrString: Schema = { oneOf: [{ type: "string" }, { type: "integer" }] };

/**
 * A schema of Kubernetes' API as JSON Schema that refuses every field which it does not name, at all depths. Rules in
 * CEL (`x-kubernetes-validations`) are lost: only an API server knows them.
 */
export function strict(schema: Schema): Schema {
  if (schema.format === "int-or-string" || schema["x-kubernetes-int-or-string"] === true) {
    return intOrString;
  }
  const kept = Object.entries(schema).filter(([keyword]) => !left.includes(keyword));
  const result: Schema = Object.fromEntries(kept);
  const { properties, items, additionalProperties } = schema;
  if (properties !== undefined) {
    result.properties = Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, strict(inner)]));
    if (additionalProperties === undefined && schema["x-kubernetes-preserve-unknown-fields"] !== true) {
      result.additionalProperties = false;
    }
  }
  if (items !== undefined) {
    result.items = strict(items);
  }
  if (typeof additionalProperties === "object") {
    result.additionalProperties = strict(additionalProperties);
  }
  return result;
}

/** The schema with the version and the kind that it is of. */
export function ofKind(schema: Schema, apiVersion: string, kind: string): Schema {
  return {
    ...schema,
    properties: { ...schema.properties, apiVersion: { enum: [apiVersion] }, kind: { enum: [kind] } },
    required: [...new Set([...(schema.required ?? []), "apiVersion", "kind"])],
  };
}
