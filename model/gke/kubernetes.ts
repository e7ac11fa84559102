import { nodesAtMost, type PoolName, surgeNodes } from "../ground/gke/capacity";
import type { GkeConfig } from "../ground/gke/config";
import { gatewaysPool, imageMirror, poolLabel, scoped } from "../ground/gke/names";
import type { GatewayPlacement } from "../ground/placement";

/** Where pods of a GKE cluster ask for names, beside kube-dns: NodeLocal DNSCache, and Cloud DNS. */
const resolvers = ["169.254.20.10", "169.254.169.254"];

/** What a GKE cluster of the stack's own means for the objects on it. */
export interface OnGke {
  /** Addresses of resolvers that no label selects. */
  resolvers: string[];
  placement: GatewayPlacement;
  /** Gateway pods at most, unless the stack says otherwise: one for each of their pool's nodes. */
  maxReplicas: number;
  /** Values for the istiod chart, below the stack's own. */
  meshValues: Record<string, unknown>;
}

export function onGke(gke: GkeConfig): OnGke {
  return {
    resolvers,
    placement: {
      nodeSelector: { [poolLabel]: gatewaysPool },
      tolerations: [{ key: poolLabel, operator: "Equal", value: gatewaysPool, effect: "NoSchedule" }],
      zones: gke.gateways.zones.length,
    },
    maxReplicas: nodesAtMost(gke.gateways) - surgeNodes,
    meshValues: { global: { hub: `${imageMirror(gke)}/istio` } },
  };
}

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
