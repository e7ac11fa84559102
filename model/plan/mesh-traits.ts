import { MeshConfig } from "../config/types";
import { restrictedVip } from "../gke/google-apis";
import { MeshTraits } from "./args";

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
