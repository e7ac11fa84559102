import { JsonObject, child } from "../../json";

/** Annotations by which a program steers the provider; the names are the official provider's. */
export const annotations = {
  autonamed: "pulumi.com/autonamed",
  skipAwait: "pulumi.com/skipAwait",
  patchForce: "pulumi.com/patchForce",
  patchFieldManager: "pulumi.com/patchFieldManager",
  timeoutSeconds: "pulumi.com/timeoutSeconds",
  deletionPropagationPolicy: "pulumi.com/deletionPropagationPolicy",
} as const;

export function annotation(inputs: JsonObject, name: keyof typeof annotations): string | undefined {
  const value = child(inputs, "metadata", "annotations")[annotations[name]];
  return value === undefined || value === null ? undefined : String(value);
}

/** Seconds that an operation may take: the program's customTimeouts, else its annotation, else ten minutes. */
export function timeoutOf(inputs: JsonObject, customTimeout: number): number {
  return customTimeout || Number(annotation(inputs, "timeoutSeconds")) || 600;
}
