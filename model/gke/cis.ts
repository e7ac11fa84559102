import type { Relaxation } from "../ground/gke/relaxations";

/** An item of the benchmark, and how a cluster of ours stands to it. */
export interface BenchmarkItem {
  item: string;
  title: string;
  /** What a cluster is unless its stack says otherwise. */
  ours: string;
  /** Keys of `cluster.relax` that open it, or why there is none. */
  relaxedBy: Relaxation[] | string;
}

/**
 * The items of the CIS GKE Benchmark 1.8.0 that a stack decides about, in the benchmark's order. docs/gke.md holds the
 * same table, and a test of each row: tests/unit/model/gke/cis.test.ts.
 */
export const benchmarkItems: BenchmarkItem[] = [
  {
    item: "4.3.1",
    title: "The CNI supports NetworkPolicies",
    ours: "Dataplane V2; Calico by `dataplane: calico`",
    relaxedBy: "the egress rules rest on it",
  },
  {
    item: "5.1.3",
    title: "Read-only access to image repositories",
    ours: "nodes have `artifactregistry.reader`, the gateways' on the mirror alone",
    relaxedBy: "nodes need no more",
  },
  {
    item: "5.1.4",
    title: "Only trusted images",
    ours: "Binary Authorization enforces the project's policy, which is yours to write",
    relaxedBy: ["unverifiedImages"],
  },
  {
    item: "5.2.1",
    title: "Not the Compute Engine default service account",
    ours: "a service account for each pool, with Google's least role for nodes",
    relaxedBy: "firewall rules tell the pools apart by it",
  },
  {
    item: "5.2.2",
    title: "Workload Identity",
    ours: "on",
    relaxedBy: ["exposedNodeMetadata"],
  },
  {
    item: "5.3.1",
    title: "Secrets encrypted by a key in Cloud KMS",
    ours: "a key of the cluster's own, renewed every 90 days; another by `secretsKey`",
    relaxedBy: ["unencryptedSecrets"],
  },
  {
    item: "5.4.1",
    title: "GKE metadata server",
    ours: "on, and Compute Engine's legacy endpoints off",
    relaxedBy: ["exposedNodeMetadata"],
  },
  {
    item: "5.5.1",
    title: "Container-Optimized OS",
    ours: "COS with containerd",
    relaxedBy: ["ubuntuNodes"],
  },
  { item: "5.5.2", title: "Node auto-repair", ours: "on", relaxedBy: ["manualRepair"] },
  { item: "5.5.3", title: "Node auto-upgrade", ours: "on", relaxedBy: ["manualUpgrades"] },
  {
    item: "5.5.4",
    title: "Release channels",
    ours: "regular; another by `releaseChannel`",
    relaxedBy: ["noReleaseChannel"],
  },
  { item: "5.5.5", title: "Shielded nodes", ours: "on", relaxedBy: ["unshieldedNodes"] },
  { item: "5.5.6", title: "Integrity monitoring", ours: "on", relaxedBy: ["noIntegrityMonitoring", "unshieldedNodes"] },
  { item: "5.5.7", title: "Secure boot", ours: "on", relaxedBy: ["noSecureBoot", "unshieldedNodes"] },
  {
    item: "5.6.1",
    title: "VPC Flow Logs and intranode visibility",
    ours: "both on; every second connection is sampled",
    relaxedBy: ["noFlowLogs", "noIntranodeVisibility"],
  },
  {
    item: "5.6.2",
    title: "VPC-native",
    ours: "pods and Services in ranges of the subnet",
    relaxedBy: "GKE makes no other clusters today",
  },
  {
    item: "5.6.3",
    title: "Authorized networks",
    ours: "nobody beside the nodes, until `authorizedNetworks` lists them",
    relaxedBy: ["unlistedNetworks"],
  },
  {
    item: "5.6.4",
    title: "Private endpoint, no public access",
    ours: "private endpoint alone",
    relaxedBy: ["dnsEndpoint", "publicEndpoint"],
  },
  {
    item: "5.6.5",
    title: "Private nodes",
    ours: "no node has a public address",
    relaxedBy: "egress would leave from addresses that no partner knows",
  },
  {
    item: "5.6.6",
    title: "Nodes behind a firewall",
    ours: "all egress is denied but the gateways' and that to services beside the mesh",
    relaxedBy: "that is what this is for",
  },
  {
    item: "5.7.1",
    title: "Logging and Monitoring",
    ours: "system, workloads and the control plane's three parts",
    relaxedBy: "refusals are read there",
  },
  {
    item: "5.8.1",
    title: "No client certificates",
    ours: "none is issued",
    relaxedBy: "nobody could take one back",
  },
  {
    item: "5.8.3",
    title: "No legacy authorization (ABAC)",
    ours: "off",
    relaxedBy: "every service account would be an administrator",
  },
  {
    item: "5.10.2",
    title: "No alpha clusters",
    ours: "off",
    relaxedBy: "they are deleted after 30 days",
  },
  { item: "5.10.4", title: "Security posture", ours: "basic", relaxedBy: ["noSecurityPosture"] },
];

/** The table as docs/gke.md shows it: a heading, and a row for each item. */
export function benchmarkTable(): string[][] {
  return [
    ["item", "asks for", "ours", "relaxed by `cluster.relax.…`"],
    ...benchmarkItems.map(({ item, title, ours, relaxedBy }) => [
      item,
      title,
      ours,
      typeof relaxedBy === "string" ? `nothing: ${relaxedBy}` : relaxedBy.map((name) => `\`${name}\``).join(", "),
    ]),
  ];
}
