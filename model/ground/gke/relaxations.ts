import { sortedBy } from "../order";
import type { GkeConfig } from "./config";

/** The benchmark whose items are named here and in docs/gke.md. */
export const benchmark = "CIS GKE Benchmark 1.8.0";

/** Every way to open the hardening: the item that it breaks, and what is open then. */
export const relaxations = {
  dnsEndpoint: {
    item: "5.6.4",
    opens: "the control plane answers under its DNS name from anywhere, to whom IAM admits",
  },
  exposedNodeMetadata: { item: "5.4.1", opens: "pods see the nodes' metadata server, and with it their identity" },
  manualRepair: { item: "5.5.2", opens: "broken nodes stay until somebody replaces them" },
  manualUpgrades: { item: "5.5.3", opens: "nodes keep their version until somebody upgrades them" },
  noFlowLogs: { item: "5.6.1", opens: "connections leave no record in VPC Flow Logs" },
  noIntegrityMonitoring: { item: "5.5.6", opens: "nobody notices when a node boots something else than it should" },
  noIntranodeVisibility: { item: "5.6.1", opens: "traffic between pods of one node is seen by no flow log" },
  noReleaseChannel: { item: "5.5.4", opens: "versions are chosen by hand" },
  noSecureBoot: { item: "5.5.7", opens: "nodes boot code that nobody has signed" },
  noSecurityPosture: { item: "5.10.4", opens: "workloads are not looked through for what is known to be dangerous" },
  publicEndpoint: { item: "5.6.4", opens: "the control plane has a public address" },
  ubuntuNodes: { item: "5.5.1", opens: "nodes run Ubuntu in place of Container-Optimized OS" },
  unencryptedSecrets: { item: "5.3.1", opens: "Secrets are encrypted by Google's keys alone" },
  unlistedNetworks: { item: "5.6.3", opens: "every address may try the control plane's public endpoint" },
  unshieldedNodes: { item: "5.5.5", opens: "nodes join the cluster without a verified identity" },
  unverifiedImages: { item: "5.1.4", opens: "images run that Binary Authorization has not admitted" },
} as const satisfies Record<string, { item: string; opens: string }>;

export type Relaxation = keyof typeof relaxations;

export const relaxationNames = Object.keys(relaxations) as Relaxation[];

/** One warning for each relaxation, in the order of their names: the item, what is open, why, and the key. */
export function relaxationWarnings({ name, relax }: Pick<GkeConfig, "name" | "relax">): string[] {
  return sortedBy(Object.entries(relax) as [Relaxation, string][], ([key]) => key).map(([key, reason]) => {
    const { item, opens } = relaxations[key];
    return `${benchmark}, item ${item}, does not hold for ${name}: ${opens}. Reason: ${reason} (istio-egress:cluster.relax.${key})`;
  });
}
