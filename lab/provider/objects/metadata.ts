import { createHash, randomBytes } from "node:crypto";
import { child, isAbsent, JsonObject, text } from "../../json";
import { Autonaming, CheckFailure } from "../resource";

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

/** A name for something that the program gives none: `<base>-<8 hexadecimal digits>`, the same for the same seed. */
export function randomName(base: string, seed: Uint8Array): string {
  const digits =
    seed.length > 0 ? createHash("sha256").update(seed).update(base).digest("hex") : randomBytes(4).toString("hex");
  return `${base}-${digits.slice(0, 8)}`;
}

export interface NamingRequest {
  /** The resource's name in the program. */
  name: string;
  olds: JsonObject;
  news: JsonObject;
  autonaming?: Autonaming;
  randomSeed: Uint8Array;
}

/**
 * The metadata with a name in it: the program's own; else the one that was made for this resource before;
 * else a new one, with an annotation that says so.
 */
export function named(request: NamingRequest): { metadata: JsonObject; failure?: CheckFailure } {
  const { olds, news, autonaming } = request;
  const { generateName, ...metadata } = child(news, "metadata");
  if (!isAbsent(metadata["name"])) {
    return { metadata: { ...child(news, "metadata") } };
  }
  if (autonaming?.mode === "disable") {
    return {
      metadata,
      failure: { property: "metadata", reason: "metadata.name is missing, and automatic naming is turned off." },
    };
  }
  const before = child(olds, "metadata");
  const kept = isAutonamed(olds) ? text(before, "name") : undefined;
  const base = typeof generateName === "string" ? generateName.replace(/-$/, "") : request.name;
  return {
    metadata: {
      ...metadata,
      name: kept ?? autonaming?.proposedName ?? randomName(base, request.randomSeed),
      annotations: { ...child(metadata, "annotations"), [annotations.autonamed]: "true" },
    },
  };
}

export function isAutonamed(inputs: JsonObject): boolean {
  return child(inputs, "metadata", "annotations")[annotations.autonamed] === "true";
}
