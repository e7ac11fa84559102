import { groupedBy, sortedBy } from "../ground/order";
import type { Reading } from "./types";

export type Labels = Record<string, string>;

/** An entry of `metadata.managedFields`: who wrote which fields. */
export interface ManagedFields {
  manager?: string;
  operation?: string;
  time?: string;
  subresource?: string;
  fieldsV1?: Record<string, unknown>;
}

/** An object as the API server gives it. */
export interface LiveObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Labels;
    annotations?: Labels;
    /** RFC 3339 */
    creationTimestamp?: string;
    deletionTimestamp?: string;
    ownerReferences?: { apiVersion: string; kind: string; name: string; controller?: boolean }[];
    managedFields?: ManagedFields[];
  };
}

/** What was read of a cluster, at one time. */
export interface SnapshotData {
  /** In any order. */
  objects: LiveObject[];
  /** Resources that the API server has, as `pods` and `sidecars.networking.istio.io`. */
  resources: string[];
  /** Groups with their versions, as `v1` and `networking.istio.io/v1`. */
  apiVersions: string[];
  /** The API server's version, as `v1.34.4`. */
  serverVersion: string;
  /** What could not be read, and what was said instead. */
  refused: (Reading & { reason: string })[];
  /** Who reads it later compares ages with this, in RFC 3339. */
  takenAt: string;
}

/** Questions to what was read of a cluster. */
export class Snapshot {
  private readonly byKind: ReadonlyMap<string, LiveObject[]>;
  /** By kind and namespace. */
  private readonly byPlace: ReadonlyMap<string, LiveObject[]>;
  private readonly byKey = new Map<string, LiveObject>();
  private readonly resources: Set<string>;
  private readonly apiVersions: Set<string>;

  constructor(readonly data: SnapshotData) {
    this.resources = new Set(data.resources);
    this.apiVersions = new Set(data.apiVersions);
    for (const [key, [first]] of sortedBy(groupedBy(data.objects, keyOf), ([key]) => key)) {
      this.byKey.set(key, first!);
    }
    const objects = [...this.byKey.values()];
    this.byKind = groupedBy(objects, kindOf);
    this.byPlace = groupedBy(objects, (object) => placeKey(kindOf(object), object.metadata.namespace));
  }

  /**
   * Objects of a kind, sorted by namespace and name.
   *
   * @param kind with its group, as `Pod`, `Deployment.apps`
   * @param namespace @default every one that was read
   */
  of<T extends LiveObject = LiveObject>(kind: string, namespace?: string): T[] {
    const found = namespace === undefined ? this.byKind.get(kind) : this.byPlace.get(placeKey(kind, namespace));
    return (found ?? []) as T[];
  }

  /** The live object with the kind, namespace and name of another, whatever its version. */
  counterpart(
    object: LiveObject | { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } },
  ) {
    return this.byKey.get(keyOf(object));
  }

  /** A namespace by its name; undefined when there is none. */
  namespace(name: string): LiveObject | undefined {
    return this.byKey.get(`Namespace ${name}`);
  }

  /** Whether the API server has a resource in a version, as `sidecars.networking.istio.io` in `networking.istio.io/v1`. */
  serves(resource: string, apiVersion: string): boolean {
    return this.resources.has(resource) && this.apiVersions.has(apiVersion);
  }

  servesResource(resource: string): boolean {
    return this.resources.has(resource);
  }

  /** What of these could not be read. */
  refusals(readings: Reading[]): SnapshotData["refused"] {
    return this.data.refused.filter((refused) =>
      readings.some(({ resource, namespace }) => refused.resource === resource && refused.namespace === namespace),
    );
  }
}

function placeKey(kind: string, namespace: string | undefined): string {
  return `${kind} ${namespace ?? ""}`;
}

/** A kind with its group, whatever the version: `Pod`, `Deployment.apps`. */
export function kindOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return group === "" ? kind : `${kind}.${group}`;
}

/** Unique among all objects of a cluster. */
export function keyOf(object: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}): string {
  return `${kindOf(object)} ${placeOf(object)}`;
}

/** `Kind namespace/name`: an object as findings name it. */
export function named(object: { kind: string; metadata: { name: string; namespace?: string } }): string {
  return `${object.kind} ${placeOf(object)}`;
}

function placeOf({ metadata: { namespace, name } }: { metadata: { name: string; namespace?: string } }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The resource of a kind, by the rule that all kinds which are planned here keep: `networkpolicies.networking.k8s.io`. */
export function resourceOf(object: { apiVersion: string; kind: string }): string {
  const [kind, ...group] = kindOf(object).toLowerCase().split(".") as [string, ...string[]];
  const plural = /[^aeiou]y$/.test(kind)
    ? `${kind.slice(0, -1)}ies`
    : /(s|x|ch)$/.test(kind)
      ? `${kind}es`
      : `${kind}s`;
  return [plural, ...group].join(".");
}
