import { Manifest } from "../ground/manifest";

/** A Helm release: what `helm upgrade --install` would be given. */
export interface PlannedRelease {
  name: string;
  namespace: string;
  /** Chart name in `repository`, or a folder when there is no repository. */
  chart: string;
  repository?: string;
  version: string;
  values: Record<string, unknown>;
}

/**
 * Everything that a stack puts on a cluster, by the component that owns it.
 * Pure data: the same configuration gives the same plan, byte for byte; lists are sorted by manifestKey.
 */
export interface Plan {
  /** Absent where the mesh is somebody else's. */
  mesh?: MeshPlan;
  /** The gateways' namespace, and what holds for all of them. */
  egress: Manifest[];
  gateways: { name: string; manifests: Manifest[] }[];
  namespaces: { name: string; manifests: Manifest[] }[];
  /** `manifests` hold the guard (Sidecar) and the workload itself (ServiceAccount, Service, Deployment). */
  workloads: { name: string; namespace: string; manifests: Manifest[] }[];
  /** Only destinations that a rule allows to somebody: the others need nothing, refusal is the default. */
  destinations: { name: string; manifests: Manifest[] }[];
  /** Services beside the mesh that a rule allows to somebody: the names of these workloads, sorted. */
  outside: { name: string; namespace: string; clients: string[]; manifests: Manifest[] }[];
  /** What the API server is asked to refuse; nothing where admission is off. */
  admission: Manifest[];
  /** The resolver that guarded pods ask; nothing where they ask the cluster's. */
  dns: Manifest[];
  /** Roles for those who work with the stack; nothing where nobody has one. */
  roles: Manifest[];
  /** What is made for those who watch; nothing where nothing is counted. */
  metrics: Manifest[];
}

/** What is installed of Istio, in this order. */
export interface MeshPlan {
  namespace: Manifest;
  /** What istiod keeps in namespaces that are not the stack's, without its contents: it goes when istiod no longer looks there. */
  certificates: Manifest[];
  base: PlannedRelease;
  istiod: PlannedRelease;
  policies: Manifest[];
}
