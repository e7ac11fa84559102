import { Manifest } from "../ground/manifest";
import { fieldsOf, isObject, listOf } from "../ground/objects";
import { keyOf } from "./snapshot";

/** What a stack's program has put on the cluster by this package's components, beside what the stack's file says. */
export interface Applied {
  /** The stack's name, where the state has a resource. */
  stack?: string;
  /** Objects by their keys. */
  keys: ReadonlySet<string>;
  /** Those of them that can be compared: an object with a part that is encrypted cannot. */
  manifests: Manifest[];
  /**
   * What Sidecars of the stack's Platform were told of hosts that the program itself grants to a namespace of the Platform: all
   * that they know, by their keys, and which of it is the program's.
   */
  told: ReadonlyMap<string, { known: string[]; own: string[] }>;
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
  const manifests = resources.filter(isOfProgram).flatMap(manifestOf);
  const [, stack] = /^urn:pulumi:([^:]+)::/.exec(String(fieldsOf(resources[0]).urn)) ?? [];
  return {
    ...(stack === undefined ? {} : { stack }),
    keys: new Set(manifests.map(keyOf)),
    manifests: manifests.filter((manifest) => !JSON.stringify(manifest).includes(`"${marked}"`)),
    told: toldOf(manifests, resources.filter(isOfPlatform).flatMap(manifestOf)),
  };
}

/** Whether the program makes it by a component of this package, and not by a Platform. */
function isOfProgram(resource: unknown): boolean {
  // What a Platform makes is in the stack's file: what the file does not have any more is a rule that is gone, and holds.
  return String(fieldsOf(resource).urn).includes("istio-egress:") && !isOfPlatform(resource);
}

function isOfPlatform(resource: unknown): boolean {
  return String(fieldsOf(resource).urn).includes("istio-egress:index:Platform$");
}

/** Hosts of the program's own that its grants have put into Sidecars of the Platform. */
function toldOf(own: Manifest[], ofPlatform: Manifest[]): Applied["told"] {
  const names = new Set(
    own.flatMap(({ kind, metadata, spec }) =>
      kind === "ServiceEntry" ? textsOf(fieldsOf(spec).hosts).map((host) => `${metadata.namespace}/${host}`) : [],
    ),
  );
  const sidecars = ofPlatform.filter(({ kind }) => kind === "Sidecar");
  return new Map(
    sidecars.flatMap((sidecar) => {
      const known = knownTo(sidecar);
      const granted = known.filter((host) => names.has(host));
      return granted.length === 0 ? [] : [[keyOf(sidecar), { known, own: granted }] as const];
    }),
  );
}

/** The hosts that a Sidecar names, each with the namespace that it is taken from. */
export function knownTo({ spec }: Manifest): string[] {
  return textsOf(fieldsOf(listOf(fieldsOf(spec).egress)[0]).hosts);
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((each) => typeof each === "string");
}

/** A resource's object; nothing of one that is about to be deleted, or that has none. */
function manifestOf(resource: unknown): Manifest[] {
  const { type, inputs, delete: going } = fieldsOf(resource);
  const { apiVersion, kind, metadata, ...content } = fieldsOf(inputs);
  const named =
    typeof fieldsOf(metadata).name === "string" && typeof apiVersion === "string" && typeof kind === "string";
  if (going === true || !named || /Patch$/.test(String(type))) {
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
