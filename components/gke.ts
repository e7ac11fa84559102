/**
 * The part that makes a cluster on GKE: `istio-egress/gke`. It needs the package `@pulumi/gcp`; nothing else here does,
 * but a `Platform` whose stack makes its cluster.
 */
export { GkeCluster, type GkeClusterArgs } from "./cluster/gke-cluster";
export type { JoinableMesh } from "./mesh";
export type { GkeConfig, MeshTraits, ServiceBeside } from "../model";
