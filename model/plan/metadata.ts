import { Manifest, manifestKey } from "../ground/manifest";
import { sortedBy } from "../ground/order";
import type { MeshTraits } from "./args";

export { appLabels, commonLabels } from "../ground/labels";

/** The label by which a namespace's pods get a sidecar. */
export function injectionLabel({ revision }: MeshTraits): Record<string, string> {
  return revision === undefined ? { "istio-injection": "enabled" } : { "istio.io/rev": revision };
}

/** The order in which a plan lists its manifests. */
export function sortManifests(manifests: Manifest[]): Manifest[] {
  return sortedBy(manifests, manifestKey);
}
