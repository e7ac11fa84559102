import { MeshConfig } from "../config/types";
import { MeshTraits } from "./args";

/** What the kind of mesh means for all that joins it. */
export function meshTraits(mesh: MeshConfig): MeshTraits {
  if (mesh.kind === "istio") {
    return {};
  }
  const { trustDomain, revision } = mesh;
  return { trustDomain, ...(revision === undefined ? {} : { revision }), foreign: true };
}
