import { privateRanges } from "../ground/cidr";
import { sortedBy } from "../ground/order";
import type { PoolName } from "../ground/gke/capacity";
import type { GkeConfig, GkeUse, ServiceBeside } from "../ground/gke/config";
import { restrictedVip } from "../ground/gke/restricted-vip";
import { scoped, sshTag } from "../ground/gke/names";

/** A rule, which lacks the network and its pools' service accounts alone. */
export interface FirewallRule {
  /** What the rule is for, unique in the cluster. */
  key: string;
  name: string;
  description: string;
  direction: "EGRESS" | "INGRESS";
  /** 0 comes first, 65535 last. */
  priority: number;
  allows?: { protocol: string; ports?: string[] }[];
  denies?: { protocol: string }[];
  destinationRanges?: string[];
  sourceRanges?: string[];
  /** Pools whose nodes, told by their service account, the rule is about. @default every node of the network */
  pools?: PoolName[];
  targetTags?: string[];
  logConfig?: { metadata: string };
}

/** Before the rules that Google adds to every network at 65535, one of which lets everything out. */
const lowestPriority = 65_534;
const ordinaryPriority = 1000;
/** Behind what is opened of the inside; before what is opened to every address. */
const insidePriority = 2000;
const everywherePriority = 3000;

const everyPool: PoolName[] = ["gateways", "work"];

/** Google's load balancers look after backends from here. */
const healthCheckRanges = ["130.211.0.0/22", "35.191.0.0/16"];

/** Identity-Aware Proxy forwards TCP from here. */
const identityAwareProxyRange = "35.235.240.0/20";

/** What the control plane serves nodes: the API, and tunnels to them. */
const controlPlanePorts = [443, 8132];

/** istiod's webhook, which GKE's own rules do not let the control plane call. */
const webhookPort = 15_017;

type Wish = Pick<FirewallRule, "description" | "direction"> & Partial<FirewallRule>;

/**
 * What may leave a node and what may come in. All egress is denied last; before that, nodes and pods reach each other,
 * the control plane and Google's APIs, the gateways' nodes the outside, and nodes for work what is granted beside the
 * mesh.
 */
export function planFirewall(gke: GkeConfig, use: GkeUse): FirewallRule[] {
  const { network } = gke;
  const {
    externalPorts,
    servicesBeside = [],
    privateDestinations = [],
    addressDestinations = [],
    managedMesh = false,
  } = use;
  const inside = [network.nodes, network.pods, network.gatewayPods];
  const wishes: Record<string, Wish> = {
    "deny-egress": {
      description: "What no other rule lets out stays in",
      direction: "EGRESS",
      priority: lowestPriority,
      denies: [{ protocol: "all" }],
      destinationRanges: ["0.0.0.0/0"],
      logConfig: { metadata: "INCLUDE_ALL_METADATA" },
    },
    "to-inside": {
      description: "Nodes and pods to each other; NetworkPolicies say more",
      direction: "EGRESS",
      allows: [{ protocol: "all" }],
      destinationRanges: inside,
      pools: everyPool,
    },
    // GKE's own rules are about the cluster's first range of pods; the gateways' pods are in another.
    "from-inside": {
      description: "Nodes and pods from each other; NetworkPolicies say more",
      direction: "INGRESS",
      allows: [{ protocol: "all" }],
      sourceRanges: inside,
      pools: everyPool,
    },
    "control-plane": {
      description: "Nodes and pods to the API server",
      direction: "EGRESS",
      allows: [tcp(controlPlanePorts)],
      destinationRanges: [network.controlPlane],
      pools: everyPool,
    },
    "google-apis": {
      description: "Nodes and pods to Google's APIs, images among them, at their restricted address",
      direction: "EGRESS",
      allows: [tcp([443])],
      destinationRanges: [restrictedVip.range],
      pools: everyPool,
    },
  };
  // A managed mesh's webhook is Google's own, and so is its control plane, among the APIs.
  if (!managedMesh) {
    wishes.webhooks = {
      description: "The control plane to istiod's webhook",
      direction: "INGRESS",
      allows: [tcp([webhookPort])],
      sourceRanges: [network.controlPlane],
      pools: everyPool,
    };
  }
  if (externalPorts.length > 0) {
    wishes["gateways-out"] = {
      description: "The egress gateway to external hosts, on the ports of granted hosts",
      direction: "EGRESS",
      priority: everywherePriority,
      allows: [tcp(externalPorts)],
      destinationRanges: ["0.0.0.0/0"],
      pools: ["gateways"],
    };
    wishes["gateways-not-inside"] = {
      description: "No private address is an external host, whatever a name leads to",
      direction: "EGRESS",
      priority: insidePriority,
      denies: [{ protocol: "all" }],
      destinationRanges: [...privateRanges],
      pools: ["gateways"],
      logConfig: { metadata: "INCLUDE_ALL_METADATA" },
    };
  }
  for (const each of privateDestinations) {
    const description = `The egress gateway to the private ranges of ${each.name}, on its ports`;
    wishes[`private-${each.name}`] = outTo(each, "gateways", description);
  }
  for (const each of addressDestinations) {
    const description = `The egress gateway to the public addresses of ${each.name}, on its ports`;
    wishes[`addresses-${each.name}`] = outTo(each, "gateways", description);
  }
  for (const each of servicesBeside) {
    const description = `Nodes for work to ${each.name}, which is beside the mesh; NetworkPolicies say which workloads`;
    wishes[`outside-${each.name}`] = outTo(each, "work", description);
  }
  if (gke.httpLoadBalancing) {
    wishes["health-checks"] = {
      description: "Google's load balancers to the pods and nodes behind them",
      direction: "INGRESS",
      allows: [{ protocol: "tcp" }],
      sourceRanges: healthCheckRanges,
      pools: ["work"],
    };
  }
  if ([...gke.nodes.tags, ...gke.gateways.tags].includes(sshTag)) {
    wishes.ssh = {
      description: "Identity-Aware Proxy to the nodes that carry the tag ssh",
      direction: "INGRESS",
      allows: [tcp([22])],
      sourceRanges: [identityAwareProxyRange],
      targetTags: [sshTag],
    };
  }
  return sortedBy(Object.entries(wishes), ([key]) => key).map(([key, wish]) => ({
    key,
    name: scoped(gke, key),
    priority: ordinaryPriority,
    ...wish,
  }));
}

/** The way out of a pool's nodes to some ranges, on their ports. */
function outTo({ ranges, ports }: ServiceBeside, pool: PoolName, description: string): Wish {
  return { description, direction: "EGRESS", allows: [tcp(ports)], destinationRanges: ranges, pools: [pool] };
}

function tcp(ports: number[]): { protocol: string; ports: string[] } {
  return { protocol: "tcp", ports: [...ports].sort((a, b) => a - b).map(String) };
}
