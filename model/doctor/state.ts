import { Manifest } from "../ground/manifest";
import { fieldsOf, isObject } from "../ground/objects";
import { keyOf } from "./snapshot";

/** What a stack's program has put on the cluster by this package's components, beside what the stack's file says. */
export interface Applied {
  /** The stack's name, where the state has a resource. */
  stack?: string;
  /** Objects by their keys. */
  keys: ReadonlySet<string>;
  /** Those of them that can be compared: an object with a part that is encrypted cannot. */
  manifests: Manifest[];
}

/** The key by which Pulumi marks an object that holds an encrypted value, or another that is not plain. */
const marked = "4dabf18193072939515e22adb298388d";

/**
 * The objects of a stack's state. What the program makes beside this package's components is none of them: a
 * NetworkPolicy of its own may open the guard as anybody's.
 *
 * @param state what `pulumi stack export` prints, parsed
 * @returns undefined for what is no such state
 */
export function appliedIn(state: unknown): Applied | undefined {
  const { resources } = fieldsOf(fieldsOf(state).deployment);
  if (!Array.isArray(resources)) {
    return undefined;
  }
  const manifests = resources.flatMap(manifestOf);
  const [, stack] = /^urn:pulumi:([^:]+)::/.exec(String(fieldsOf(resources[0]).urn)) ?? [];
  return {
    ...(stack === undefined ? {} : { stack }),
    keys: new Set(manifests.map(keyOf)),
    manifests: manifests.filter((manifest) => !JSON.stringify(manifest).includes(`"${marked}"`)),
  };
}

/** A resource's object; nothing of one that is about to be deleted, that has none, or that the program does not make by a component. */
function manifestOf(resource: unknown): Manifest[] {
  const { urn, type, inputs, delete: going } = fieldsOf(resource);
  const ancestors = String(urn);
  const { apiVersion, kind, metadata, ...content } = fieldsOf(inputs);
  const named =
    typeof fieldsOf(metadata).name === "string" && typeof apiVersion === "string" && typeof kind === "string";
  // What a Platform makes is in the stack's file: what the file does not have any more is a rule that is gone, and holds.
  const ofProgram = ancestors.includes("istio-egress:") && !ancestors.includes("istio-egress:index:Platform$");
  if (going === true || !named || !ofProgram || /Patch$/.test(String(type))) {
    return [];
  }
  return [withoutPluginFields({ apiVersion, kind, metadata, ...content }) as Manifest];
}

/** An object without what plugins note down in it for themselves, as `__defaults`. */
function withoutPluginFields(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutPluginFields);
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([key, inner]) =>
          key.startsWith("__") ? [] : [[key, withoutPluginFields(inner)]],
        ),
      )
    : value;
}
