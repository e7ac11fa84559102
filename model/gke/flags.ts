/** A flag of `gcloud beta container clusters create asuka` in 2019, and what has become of it. */
export interface SeedFlag {
  flag: string;
  /** Where a stack says it today. */
  config: string;
  /** What it means today. */
  today: string;
}

/** Every flag of the command, in its order. tests/unit/model/gke/flags.test.ts looks for each in the stack `asuka`. */
export const seedFlags: SeedFlag[] = [
  { flag: "asuka", config: "`cluster.name: asuka`", today: "first part of the names of everything around it" },
  {
    flag: "--machine-type=n1-standard-2",
    config: "`cluster.nodes.machineType`",
    today: "e2-standard-4 unless said otherwise; the gateways' pool has its own",
  },
  {
    flag: "--num-nodes=3",
    config: "`cluster.nodes.count: 3`",
    today: "in each zone, as then; `min` and `max` let it follow the load",
  },
  {
    flag: "--image-type=COS",
    config: "none",
    today: "COS with containerd; the image with Docker is gone. `relax.ubuntuNodes` has Ubuntu",
  },
  {
    flag: "--cluster-version=1.12",
    config: "`cluster.releaseChannel`, `cluster.version`",
    today: "a release channel keeps the cluster up to date; `version` is the oldest that will do",
  },
  {
    flag: "--tags=ssh",
    config: "`cluster.nodes.tags: [ssh]`",
    today: "network tags; `ssh` opens port 22 to Identity-Aware Proxy, where it once opened it to all",
  },
  {
    flag: "--addons=Istio",
    config: "`mesh.kind`",
    today:
      "gone from GKE: `istio` is installed from its charts, `cloud-service-mesh` is Google's managed one, `existing` is there already",
  },
  {
    flag: "--addons=HttpLoadBalancing",
    config: "`cluster.httpLoadBalancing`",
    today: "on unless said otherwise; health checks are let in",
  },
  {
    flag: "--istio-config=auth=MTLS_STRICT",
    config: "`mesh.mtls: STRICT`",
    today: "a PeerAuthentication for the whole mesh; nothing else is taken",
  },
  { flag: "--preemptible", config: "`cluster.nodes.spot: true`", today: "Spot, which has no limit of 24 hours" },
  { flag: "--enable-ip-alias", config: "none", today: "always: VPC-native" },
  {
    flag: '--create-subnetwork ""',
    config: "`cluster.network`",
    today: "always a network and a subnet of the cluster's own, with ranges that can be told",
  },
  {
    flag: "--enable-network-policy",
    config: "`cluster.dataplane`",
    today: "always: Dataplane V2, or Calico, which the flag meant",
  },
  {
    flag: "--scopes cloud-platform",
    config: "none",
    today: "always; what nodes may do is what their service account's roles say, and those are the least",
  },
];

/** The table as docs/gke.md shows it: a heading, and a row for each flag. */
export function flagTable(): string[][] {
  return [
    ["flag of 2019", "in the stack", "today"],
    ...seedFlags.map(({ flag, config, today }) => [`\`${flag}\``, config, today]),
  ];
}
