import { schemaLocation } from "../schemas/prepare";
import { run } from "../../lab/support/commands";

export interface Validation {
  valid: number;
  /** Objects that are not as their schemas say, or that have no schema, and what is wrong with them. */
  invalid: { kind: string; name: string; message: string }[];
}

interface Answer {
  resources: { kind: string; name: string; status: string; msg: string }[];
}

/** kubeconform, strict: unknown fields, repeated keys and kinds without a schema are errors. */
export function validate(kubeconform: string, schemas: string, folder: string): Validation {
  const options = ["-strict", "-output", "json", "-verbose", "-schema-location", schemaLocation(schemas)];
  const { stdout, stderr } = run([kubeconform, ...options, folder]);
  if (!stdout.trimStart().startsWith("{")) {
    throw new Error(`kubeconform said nothing that can be read: ${stdout}${stderr}`);
  }
  const { resources } = JSON.parse(stdout) as Answer;
  const invalid = resources.filter(({ status }) => status !== "statusValid");
  return {
    valid: resources.length - invalid.length,
    invalid: invalid.map(({ kind, name, msg }) => ({ kind, name, message: msg })),
  };
}
