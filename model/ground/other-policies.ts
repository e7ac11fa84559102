/** A kind of network policy beside Kubernetes' own NetworkPolicy. */
export interface PolicyKind {
  kind: string;
  group: string;
  /** As in the API's paths. */
  resource: string;
  /** Whether its objects are in a namespace, and for pods of that namespace. */
  isNamespaced: boolean;
}

/**
 * Policies of other makers by which packets may go where Kubernetes' NetworkPolicies leave no way, or are led elsewhere.
 *
 * Source: the documentation of Antrea, of AWS' VPC CNI, of Calico, of Cilium and of GKE ("FQDN network policies").
 */
export const otherPolicyKinds: readonly PolicyKind[] = [
  ofCluster("AdminNetworkPolicy", "policy.networking.k8s.io"),
  ofCluster("ClusterNetworkPolicy", "policy.networking.k8s.io"),
  ...["CiliumNetworkPolicy", "CiliumLocalRedirectPolicy", "CiliumEnvoyConfig"].map((kind) =>
    ofNamespace(kind, "cilium.io"),
  ),
  ofCluster("CiliumClusterwideNetworkPolicy", "cilium.io"),
  ofNamespace("NetworkPolicy", "crd.projectcalico.org"),
  ofCluster("GlobalNetworkPolicy", "crd.projectcalico.org"),
  ofNamespace("NetworkPolicy", "crd.antrea.io"),
  ofCluster("ClusterNetworkPolicy", "crd.antrea.io"),
  ofNamespace("FQDNNetworkPolicy", "networking.gke.io"),
  ofNamespace("RedirectService", "networking.gke.io"),
  ofNamespace("ApplicationNetworkPolicy", "networking.k8s.aws"),
  ofCluster("ClusterNetworkPolicy", "networking.k8s.aws"),
];

function ofNamespace(kind: string, group: string): PolicyKind {
  return { kind, group, resource: resourceOf(kind), isNamespaced: true };
}

function ofCluster(kind: string, group: string): PolicyKind {
  return { kind, group, resource: resourceOf(kind), isNamespaced: false };
}

function resourceOf(kind: string): string {
  return kind.toLowerCase().replace(/y$/, "ie") + "s";
}
