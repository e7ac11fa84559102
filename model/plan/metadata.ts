import { Manifest, manifestKey } from "../ground/manifest";
import { sortedBy } from "../ground/order";
import type { MeshTraits } from "./args";

const managedBy = { "app.kubernetes.io/managed-by": "pulumi" };

/** Labels of an application's objects: the two by which people and Istio name it, and who made it. */
export function appLabels(name: string): Record<string, string> {
  return { app: name, "app.kubernetes.io/name": name, ...managedBy };
}

/** Labels of objects that belong to no application. */
export function commonLabels(): Record<string, string> {
  return { ...managedBy };
}

/** The label by which a namespace's pods get a sidecar. */
export function injectionLabel({ revision }: MeshTraits): Record<string, string> {
  return revision === undefined ? { "istio-injection": "enabled" } : { "istio.io/rev": revision };
}

/** The order in which a plan lists its manifests. */
export function sortManifests(manifests: Manifest[]): Manifest[] {
  return sortedBy(manifests, manifestKey);
}
