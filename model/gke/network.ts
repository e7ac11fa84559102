import type { GkeConfig } from "../ground/gke/config";
import { rangeNames } from "../ground/gke/names";

export interface NetworkPlan {
  /** A VPC network without the subnets that Google would put into every region. */
  network: { name: string; autoCreateSubnetworks: boolean; routingMode: string };
  /** Its one subnet, which lacks the network's name alone. */
  subnetwork: {
    name: string;
    region: string;
    stackType: string;
    ipCidrRange: string;
    secondaryIpRanges: { rangeName: string; ipCidrRange: string }[];
    privateIpGoogleAccess: boolean;
    logConfig?: { aggregationInterval: string; flowSampling: number; metadata: string };
  };
}

/** The network of a cluster: nodes, two ranges of pods and the Services in one subnet, IPv4 only. */
export function planNetwork({ name, region, network, relax }: GkeConfig): NetworkPlan {
  return {
    network: { name, autoCreateSubnetworks: false, routingMode: "REGIONAL" },
    subnetwork: {
      name,
      region,
      // An IPv6 way out would need guards of its own.
      stackType: "IPV4_ONLY",
      ipCidrRange: network.nodes,
      secondaryIpRanges: [
        { rangeName: rangeNames.pods, ipCidrRange: network.pods },
        { rangeName: rangeNames.gatewayPods, ipCidrRange: network.gatewayPods },
        { rangeName: rangeNames.services, ipCidrRange: network.services },
      ],
      privateIpGoogleAccess: true,
      ...(relax.noFlowLogs === undefined
        ? {
            logConfig: {
              aggregationInterval: "INTERVAL_5_SEC",
              flowSampling: 0.5,
              metadata: "INCLUDE_ALL_METADATA",
            },
          }
        : {}),
    },
  };
}
