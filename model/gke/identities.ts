import type { PoolName } from "../ground/gke/capacity";
import type { GkeConfig } from "../ground/gke/config";
import { scoped } from "../ground/gke/names";

export interface IdentityPlan {
  account: { accountId: string; displayName: string };
  /** Roles in the project. */
  projectRoles: string[];
}

/** To write logs and metrics, and nothing else: Google's own least role for nodes. */
const nodeRole = "roles/container.defaultNodeServiceAccount";
export const imageReaderRole = "roles/artifactregistry.reader";

/**
 * A service account for each pool's nodes. Work's nodes may pull any image of the project; the gateways' nodes those
 * of the mirror alone, which the component grants on the repository.
 */
export function planIdentities(gke: GkeConfig): Record<PoolName, IdentityPlan> {
  return {
    work: {
      account: { accountId: scoped(gke, "work"), displayName: `Nodes of ${gke.name} for work` },
      projectRoles: [imageReaderRole, nodeRole],
    },
    gateways: {
      account: { accountId: scoped(gke, "gateways"), displayName: `Nodes of ${gke.name} for the egress gateway` },
      projectRoles: [nodeRole],
    },
  };
}
