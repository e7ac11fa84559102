import { ResourceKind, urlPath } from "../api/discovery";
import { Cluster, defaultNamespace } from "../cluster";
import { JsonObject, text } from "../json";

/** One object in the cluster. */
export interface Reference {
  kind: ResourceKind;
  /** Undefined for a kind that belongs to no namespace. */
  namespace?: string;
  name: string;
}

export function referenceOf(cluster: Cluster, kind: ResourceKind, inputs: JsonObject): Reference {
  const namespace = kind.namespaced ? (text(inputs, "metadata", "namespace") ?? defaultNamespace(cluster)) : undefined;
  return { kind, namespace, name: text(inputs, "metadata", "name") ?? "" };
}

/** The resource's id in Pulumi: `namespace/name`, or `name` for a kind that belongs to no namespace. */
export function idOf({ namespace, name }: Reference): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function parseId(id: string): { namespace?: string; name: string } {
  const slash = id.indexOf("/");
  return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** The object in words: `Deployment "shop/cart"`. */
export function titleOf(reference: Reference): string {
  return `${reference.kind.kind} "${idOf(reference)}"`;
}

export function pathOf({ kind, namespace, name }: Reference): string {
  return urlPath(kind, namespace, name);
}
