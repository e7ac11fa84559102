import { Protocol } from "../config/types";

/** What is installed of Istio: its CRDs (`base`), its control plane (`istiod`) and mesh-wide strict mTLS. */
export interface MeshArgs {
  /** Istio's version, which is also the charts'. */
  version: string;
  /** A chart repository's URL, or a folder that holds `base` and `istio-control/istio-discovery`. */
  charts: string;
  /** Values for the istiod chart, merged deeply over our own: objects key by key, lists and scalars as a whole. */
  values: Record<string, unknown>;
}

/** The egress gateway, alone in its namespace. */
export interface GatewayArgs {
  namespace: string;
  /** Pods, 2 at least. */
  replicas: number;
  /** Pods at most; more than `replicas` makes the number follow the load. @default replicas */
  maxReplicas?: number;
  /** Nodes that the pods are kept to. @default any */
  placement?: GatewayPlacement;
  /** Namespaces whose pods may open a connection to the gateway; sorted here. */
  guardedNamespaces: string[];
  /** Addresses of resolvers beside kube-dns. @default [] */
  resolvers?: string[];
}

/** Nodes of the gateway's own. */
export interface GatewayPlacement {
  nodeSelector: Record<string, string>;
  tolerations: { key: string; operator: "Equal"; value: string; effect: "NoSchedule" }[];
  /** Zones in which there are such nodes; with more than one, none may have two pods more than another. */
  zones: number;
}

/** A namespace whose pods get a sidecar and have no way out but the mesh, DNS and the gateway. */
export interface NamespaceArgs {
  name: string;
  /** Labels beside those that injection needs. @default {} */
  labels?: Record<string, string>;
  /** Every guarded namespace, this one included: calls between them stay open. */
  guardedNamespaces: string[];
  gatewayNamespace: string;
  /** Addresses of resolvers beside kube-dns. @default [] */
  resolvers?: string[];
}

/** A workload with an identity of its own and a sidecar that knows the hosts it is granted, and no others. */
export interface WorkloadArgs {
  /** Name of the Deployment, the Service and the ServiceAccount, and value of the `app` label. */
  name: string;
  namespace: string;
  image: string;
  /** Port on which the container serves HTTP. @default none, and then no Service */
  port?: number;
  /** @default 1 */
  replicas?: number;
  /** @default the image's entrypoint */
  command?: string[];
  /** @default the image's command */
  args?: string[];
  /** @default {} */
  env?: Record<string, string>;
  /** Outside hosts that some rule grants to this workload; empty means that it reaches none. */
  hosts: string[];
  /** Every guarded namespace: their services stay within reach. */
  guardedNamespaces: string[];
  gatewayNamespace: string;
}

/** A workload's identity: the ServiceAccount that its certificate names. */
export interface Client {
  namespace: string;
  serviceAccount: string;
}

/** Outside hosts that are granted together, and to whom. */
export interface DestinationArgs {
  name: string;
  /** Exact host names in lower case, one at least. */
  hosts: string[];
  protocols: Protocol[];
  /** Workloads that some rule grants this destination, one at least. */
  clients: Client[];
  gatewayNamespace: string;
}

/** The arguments of every component of one stack: what `planStack` plans and what the program instantiates. */
export interface StackArgs {
  mesh: MeshArgs;
  gateway: GatewayArgs;
  /** Sorted by name. */
  namespaces: NamespaceArgs[];
  /** Sorted by namespace, then name. */
  workloads: WorkloadArgs[];
  /** Only destinations that a rule grants to somebody, sorted by name. */
  destinations: DestinationArgs[];
}
