import type { GkeConfig } from "../ground/gke/config";

export interface ManagedMeshPlan {
  /** What the fleet, which is the project's one, has for all of its clusters. */
  feature: { name: string; location: string; project: string };
  /** What this cluster has of it; it lacks the cluster's own name in the fleet. */
  membership: { location: string; project: string; mesh: { management: string } };
}

/**
 * Cloud Service Mesh, whose control plane Google runs, and whose parts on the cluster Google keeps up to date in the
 * cluster's release channel.
 *
 * Source: Google's documentation, "Provision a managed Cloud Service Mesh control plane on GKE".
 */
export function planManagedMesh({ project }: Pick<GkeConfig, "project">): ManagedMeshPlan {
  const location = "global";
  return {
    feature: { name: "servicemesh", location, project },
    membership: { location, project, mesh: { management: "MANAGEMENT_AUTOMATIC" } },
  };
}
