import type { GkeConfig } from "../gke/config";

/**
 * The configuration of one stack after validation: defaults filled in, hosts in lower case,
 * every list sorted by its key, every reference resolved to something that exists.
 * Only `parseConfig` makes one.
 */
export interface StackConfig {
  cluster: ClusterConfig;
  mesh: MeshConfig;
  gateway: GatewayConfig;
  namespaces: NamespaceConfig[];
  workloads: WorkloadConfig[];
  destinations: DestinationConfig[];
  allow: AllowRule[];
  /** Hosts that nobody may be allowed: a destination that holds one is an error, and the matrix asks for them. */
  deny: string[];
}

/** The cluster that the stack is put on: one that exists, or one that it makes. */
export type ClusterConfig = ExistingClusterConfig | GkeConfig;

/** A cluster that exists already and is reached through a kubeconfig. */
export interface ExistingClusterConfig {
  kind: "existing";
  /** Path of a kubeconfig file. @default the ambient one: $KUBECONFIG, then ~/.kube/config */
  kubeconfig?: string;
  /** Name of a context in the kubeconfig. @default its current context */
  context?: string;
}

/** The mesh that is installed from Istio's charts. */
export interface MeshConfig {
  /** Istio's version, which is also the charts'. @default "1.31.1" */
  version: string;
  /** Mode of the mesh-wide PeerAuthentication. */
  mtls: "STRICT";
  /** Where the charts `base` and `istiod` are: a repository's URL, or a folder that holds `base` and `istio-control/istio-discovery`. */
  charts: string;
  /** Values for the istiod chart, merged over our own. @default {} */
  values: Record<string, unknown>;
}

/** The egress gateway: one Deployment in a namespace and under a ServiceAccount of its own. */
export interface GatewayConfig {
  /** @default "istio-egress" */
  namespace: string;
  /** Pods; two at least, so that a node can be drained. @default 2 */
  replicas: number;
  /**
   * Pods at most: between `replicas` and this many, as the load asks for.
   * @default `replicas`; on a GKE cluster of the stack's own as many as the gateways' pool has nodes at most
   */
  maxReplicas?: number;
}

/** A namespace whose pods get a sidecar and whose egress is guarded. */
export interface NamespaceConfig {
  name: string;
  /** Labels beside those that injection needs. @default {} */
  labels: Record<string, string>;
}

export interface WorkloadConfig {
  name: string;
  namespace: string;
  image: string;
  /** Port on which the container serves HTTP; without one the workload has no Service. */
  port?: number;
  /** @default 1 */
  replicas: number;
  command?: string[];
  args?: string[];
  env: Record<string, string>;
}

/** What an application speaks when it calls a host: plain HTTP on port 80, or TLS of its own on port 443. */
export type Protocol = "http" | "https";

export interface DestinationConfig {
  name: string;
  /** Exact host names, sorted. */
  hosts: string[];
  /** @default ["http", "https"] */
  protocols: Protocol[];
}

/** One edge: a workload may reach every host of a destination. */
export interface AllowRule {
  /** `namespace/workload` */
  from: string;
  /** Name of a destination. */
  to: string;
  owner?: string;
  reason?: string;
  /** Last day on which the rule holds, `YYYY-MM-DD`, in UTC. */
  expires?: string;
  /** Where the rule stands in the stack's configuration, such as `istio-egress:allow[2]`. */
  path: string;
}
