import type { GatewayPlacement } from "../ground/placement";
import { nodesAtMost, surgeNodes } from "../ground/gke/capacity";
import type { GkeConfig } from "../ground/gke/config";
import { gatewaysPool, imageMirror, poolLabel } from "../ground/gke/names";

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
