import type { GkeConfig } from "../ground/gke/config";
import type { Protocol } from "../ground/protocols";

export type { Protocol } from "../ground/protocols";

/**
 * The configuration of one stack after validation: defaults filled in, hosts in lower case,
 * every list sorted by its key, every reference resolved to something that exists.
 * Only `parseConfig` makes one.
 */
export interface StackConfig {
  cluster: ClusterConfig;
  mesh: MeshConfig;
  gateway: GatewayConfig;
  /** Gateways of certain destinations' own; all other destinations share one. */
  gateways: NamedGatewayConfig[];
  namespaces: NamespaceConfig[];
  workloads: WorkloadConfig[];
  destinations: DestinationConfig[];
  /** Services beside the mesh, by their addresses. */
  outside: OutsideConfig[];
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

/** The mesh: one that the stack installs, one that Google manages for it, or one that is there already. */
export type MeshConfig = IstioMeshConfig | CloudServiceMeshConfig | ExistingMeshConfig;

/** Istio, installed from its charts. */
export interface IstioMeshConfig {
  kind: "istio";
  /** Istio's version, which is also the charts'. @default "1.31.1" */
  version: string;
  /** Mode of the mesh-wide PeerAuthentication. */
  mtls: "STRICT";
  /**
   * How sidecars call Services of the mesh: `auto` speaks mutual TLS with whoever has a sidecar; `forced` speaks it
   * with everybody under `*.local`, as GKE's Istio addon once made them.
   * @default "auto"
   */
  clientMtls: "auto" | "forced";
  /** Where the charts `base` and `istiod` are: a repository's URL, or a folder that holds `base` and `istio-control/istio-discovery`. */
  charts: string;
  /** Values for the istiod chart, merged over our own. @default {} */
  values: Record<string, unknown>;
}

/** Google's managed Cloud Service Mesh, on a GKE cluster that the stack makes. It takes no EnvoyFilter. */
export interface CloudServiceMeshConfig {
  kind: "cloud-service-mesh";
  /** Mode of the PeerAuthentications, one in each namespace of the stack. */
  mtls: "STRICT";
  /** The workload pool of the cluster's project: `PROJECT.svc.id.goog`. */
  trustDomain: string;
}

/** An Istio that somebody else installed; nothing of it is touched. */
export interface ExistingMeshConfig {
  kind: "existing";
  /** Mode of the PeerAuthentications, one in each namespace of the stack. */
  mtls: "STRICT";
  /** Revision whose injector the pods are for. @default the one that answers to `istio-injection: enabled` */
  revision?: string;
  /** @default "cluster.local" */
  trustDomain: string;
  /** Whether it takes EnvoyFilters; without them gateways list their hosts one by one, `mostListedHosts` each. @default true */
  envoyFilters: boolean;
}

/** The egress gateways' namespace, and what holds for each of them unless it says otherwise. */
export interface GatewayConfig extends GatewaySize {
  /** @default "istio-egress" */
  namespace: string;
}

export interface GatewaySize {
  /** Pods; two at least, so that a node can be drained. @default 2 */
  replicas: number;
  /**
   * Pods at most: between `replicas` and this many, as the load asks for.
   * @default `replicas`; on a GKE cluster of the stack's own as many as the gateways' pool has nodes at most
   */
  maxReplicas?: number;
}

/** A gateway that is there for certain destinations alone, under a ServiceAccount of its own. */
export interface NamedGatewayConfig extends Partial<GatewaySize> {
  name: string;
  /** Names of destinations, sorted, one at least; each is in one gateway at most. */
  destinations: string[];
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

export interface DestinationConfig {
  name: string;
  /** Exact host names, sorted. */
  hosts: string[];
  /** @default ["http", "https"] */
  protocols: Protocol[];
}

/** A service that is no part of the mesh and has no name of its own, only private addresses. */
export interface OutsideConfig {
  /** Name of its Service. */
  name: string;
  /** One of the guarded namespaces: the Service's, and that of all workloads that may be allowed it. */
  namespace: string;
  /** IPv4 addresses, sorted; with `via: bypass` ranges in CIDR notation too. */
  addresses: string[];
  /** Ports by what is spoken on them, one at least. @default { http: 80, https: 443 } */
  ports: Partial<Record<Protocol, number>>;
  /**
   * `service`: the sidecar knows it, and calls it without mutual TLS. `bypass`: its addresses go past the sidecar.
   */
  via: "service" | "bypass";
  /** With `via: service`: `disabled`, or as the `mesh` has it for all of its Services. @default "disabled" */
  clientMtls: "disabled" | "mesh";
}

/** One edge: a workload may reach every host of a destination, or a service beside the mesh. */
export interface AllowRule {
  /** `namespace/workload` */
  from: string;
  /** Name of a destination, or of a service under `outside`. */
  to: string;
  owner?: string;
  reason?: string;
  /** Last day on which the rule holds, `YYYY-MM-DD`, in UTC. */
  expires?: string;
  /** Where the rule stands in the stack's configuration, such as `istio-egress:allow[2]`. */
  path: string;
}
