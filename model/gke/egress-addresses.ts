import type { GkeConfig } from "../ground/gke/config";
import { rangeNames, scoped } from "../ground/gke/names";

export interface EgressAddressesPlan {
  /** What external hosts see, in the order in which they were added: partners put them on their lists. */
  addresses: { name: string; region: string; addressType: string; networkTier: string; description: string }[];
  router: { name: string; region: string };
  /** Lacks the router, the subnet and the addresses alone. */
  nat: {
    name: string;
    region: string;
    natIpAllocateOption: string;
    sourceSubnetworkIpRangesToNat: string;
    enableDynamicPortAllocation: boolean;
    enableEndpointIndependentMapping: boolean;
    minPortsPerVm: number;
    maxPortsPerVm: number;
    tcpEstablishedIdleTimeoutSec: number;
    logConfig: { enable: boolean; filter: string };
  };
  /** What of the subnet is translated. */
  natRanges: { sourceIpRangesToNats: string[]; secondaryIpRangeNames: string[] };
}

/** Of one address and protocol; a node may come to have as many. */
const mostPortsPerNode = 65_536;

/**
 * Cloud NAT for the gateways' pods and nobody else, from reserved addresses: a pod of another pool has no way out even
 * where no firewall rule stops it.
 */
export function planEgressAddresses(gke: GkeConfig): EgressAddressesPlan {
  const { region, network } = gke;
  return {
    addresses: Array.from({ length: network.natAddresses }, (_, index) => ({
      name: scoped(gke, `egress-${index + 1}`),
      region,
      addressType: "EXTERNAL",
      networkTier: "PREMIUM",
      description: `Egress of the cluster ${gke.name}`,
    })),
    router: { name: scoped(gke, "egress"), region },
    nat: {
      name: scoped(gke, "egress"),
      region,
      natIpAllocateOption: "MANUAL_ONLY",
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      enableDynamicPortAllocation: true,
      // Cloud NAT takes it with a fixed number of ports only.
      enableEndpointIndependentMapping: false,
      minPortsPerVm: network.natPortsPerNode,
      maxPortsPerVm: mostPortsPerNode,
      // Longer than the gateways' keepalive, which asks every minute; Google's default, said so that nobody shortens it.
      tcpEstablishedIdleTimeoutSec: 1200,
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    },
    natRanges: {
      sourceIpRangesToNats: ["LIST_OF_SECONDARY_IP_RANGES"],
      secondaryIpRangeNames: [rangeNames.gatewayPods],
    },
  };
}
