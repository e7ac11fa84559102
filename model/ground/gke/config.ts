import type { Relaxation } from "./relaxations";

/** A GKE cluster that the stack makes, with its network and its way out; defaults filled in, ranges checked. */
export interface GkeConfig {
  kind: "gke";
  /** Project that everything is made in. */
  project: string;
  /** Name of the cluster, and first part of the names of everything around it: 20 characters at most. */
  name: string;
  /** Where the control plane runs: a region (three replicas of it) or a zone (one). */
  location: string;
  /** Region of `location`, which holds the network, the addresses and the keys. */
  region: string;
  /** Zones in which nodes run, sorted. @default the zone of `location`, or the region's first three */
  zones: string[];
  /** @default "regular"; undefined only where `relax.noReleaseChannel` says so */
  releaseChannel?: ReleaseChannel;
  /** Oldest version that the control plane may have, such as `1.34` or `1.34.1-gke.1829001`. @default the channel's */
  version?: string;
  /** Whether a destroy or a replacement is refused. @default true */
  deletionProtection: boolean;
  /** What enforces NetworkPolicies: GKE Dataplane V2 (Cilium), or Calico. @default "v2" */
  dataplane: Dataplane;
  /** Whether GKE's Ingress controller runs. @default true */
  httpLoadBalancing: boolean;
  network: GkeNetworkConfig;
  /** Nodes for everything but the gateway. */
  nodes: PoolConfig;
  /** Nodes for the egress gateway alone: the only ones with a way out. */
  gateways: PoolConfig;
  /** Networks from which the control plane may be reached, by a name of one's own. @default {} */
  authorizedNetworks: Record<string, string>;
  /** Resource name of a key in Cloud KMS for Kubernetes Secrets. @default one is made */
  secretsKey?: string;
  /** What is opened of the hardening, and why. @default {} */
  relax: Partial<Record<Relaxation, string>>;
}

export const releaseChannels = ["rapid", "regular", "stable", "extended"] as const;
export type ReleaseChannel = (typeof releaseChannels)[number];

export const dataplanes = ["v2", "calico"] as const;
export type Dataplane = (typeof dataplanes)[number];

/** The ranges of a cluster's own network. */
export const rangeKeys = ["nodes", "pods", "gatewayPods", "services", "controlPlane"] as const;

/** IPv4 ranges in CIDR notation, none of which overlap, and the addresses that external hosts see. */
export interface GkeNetworkConfig {
  /** Nodes' own addresses. @default "10.0.0.0/22" */
  nodes: string;
  /** Pods of the work pool, 256 addresses a node. @default "10.4.0.0/14" */
  pods: string;
  /** Pods of the gateways' pool, 64 addresses a node: the only range that Cloud NAT translates. @default "10.0.16.0/20" */
  gatewayPods: string;
  /** Services' virtual addresses. @default "10.0.32.0/20" */
  services: string;
  /** The control plane's side of the network, a /28. @default "172.16.0.0/28" */
  controlPlane: string;
  /** Reserved addresses, which all egress comes from. @default 2 */
  natAddresses: number;
  /** Ports that every gateway node has for certain, for connections to one host and port at a time. @default 8192 */
  natPortsPerNode: number;
}

/** Nodes of one kind, the same number in every zone. */
export interface PoolConfig {
  /** @default "e2-standard-4" for work, "e2-standard-2" for gateways */
  machineType: string;
  /** Nodes in each zone at least; the same as `max` is a fixed number. */
  min: number;
  /** Nodes in each zone at most. */
  max: number;
  /** Whether Google may take the nodes away at any time, for a lower price. @default false */
  spot: boolean;
  /** Network tags. `ssh` opens port 22 to Identity-Aware Proxy. @default [] */
  tags: string[];
  /** @default the cluster's zones */
  zones: string[];
  /** Boot disk, GB. @default 100 */
  diskSizeGb: number;
}

/** A service beside the mesh that a rule grants to somebody. */
export interface ServiceBeside {
  /** Unique in the stack. */
  name: string;
  /** Its IPv4 addresses in CIDR notation, single ones as /32. */
  ranges: string[];
  /** Its TCP ports. */
  ports: number[];
}

/** What a cluster is for, as far as its network and its fleet depend on it. */
export interface GkeUse {
  /** TCP ports on which the gateways may go out, as `grantedExternalPorts` gives them; none is no way out. */
  externalPorts: number[];
  /** What nodes for work may call beside the mesh, as `servicesBeside` gives it. @default [] */
  servicesBeside?: ServiceBeside[];
  /** What gateways may call in private ranges, by destination, as `privateDestinations` gives it. @default [] */
  privateDestinations?: ServiceBeside[];
  /** Public addresses without a name that gateways may call, by destination, as `addressDestinations` gives it. @default [] */
  addressDestinations?: ServiceBeside[];
  /** Whether Google manages the cluster's mesh. @default false */
  managedMesh?: boolean;
}
