/** What all that joins a mesh must know of it. */
export interface MeshTraits {
  /** First part of every identity. @default "cluster.local" */
  trustDomain?: string;
  /** Revision whose injector the pods are for. @default the one that answers to `istio-injection: enabled` */
  revision?: string;
  /** Whether somebody else answers for the root namespace: then each namespace asks for strict mTLS itself. @default false */
  foreign?: boolean;
  /** Whether it takes EnvoyFilters; without them gateways list their hosts. @default true */
  envoyFilters?: boolean;
  /** Addresses of the control plane that Google manages, which answers on port 443. @default it is somewhere else */
  managed?: { range: string };
  /**
   * Where somebody else's control plane is: the namespace of istiod's pods, or addresses outside the cluster, in CIDR
   * notation, which answer on port 443. @default istiod's pods in istio-system
   */
  controlPlane?: { namespace?: string; ranges?: string[] };
}
