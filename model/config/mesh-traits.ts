import { MeshConfig } from "./types";
import { restrictedVip } from "../ground/gke/restricted-vip";
import { MeshTraits } from "../ground/mesh-traits";

/** What the kind of mesh means for all that joins it. */
export function meshTraits(mesh: MeshConfig): MeshTraits {
  switch (mesh.kind) {
    case "istio":
      return {};
    case "cloud-service-mesh":
      return {
        trustDomain: mesh.trustDomain,
        foreign: true,
        envoyFilters: false,
        managed: { range: restrictedVip.range },
      };
    case "existing": {
      const { trustDomain, revision, envoyFilters } = mesh;
      return {
        trustDomain,
        ...(revision === undefined ? {} : { revision }),
        foreign: true,
        ...(envoyFilters ? {} : { envoyFilters }),
      };
    }
  }
}
