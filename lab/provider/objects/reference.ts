import { ResourceKind, urlPath } from "../../kubernetes/discovery";
import { Cluster, defaultNamespace } from "../cluster";
import { JsonObject, child, text } from "../../json";

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

/** The object that an id of a kind stands for; undefined when the API server does not serve the kind. */
export async function locate(
  { discovery }: Cluster,
  id: string,
  apiVersion: string,
  kind: string,
): Promise<Reference | undefined> {
  const served = await discovery.find(apiVersion, kind);
  const { namespace, name } = parseId(id);
  return served && { kind: served, name, namespace: served.namespaced ? namespace : undefined };
}

/** Inputs that name no namespace mean the one in which the object is. */
export function inNamespaceOf(id: string, inputs: JsonObject): JsonObject {
  const { namespace } = parseId(id);
  const metadata = child(inputs, "metadata");
  return namespace === undefined || text(metadata, "namespace") !== undefined
    ? inputs
    : { ...inputs, metadata: { ...metadata, namespace } };
}

/** The object in words: `Deployment "shop/cart"`. */
export function titleOf(reference: Reference): string {
  return `${reference.kind.kind} "${idOf(reference)}"`;
}

export function pathOf({ kind, namespace, name }: Reference): string {
  return urlPath(kind, namespace, name);
}
