import { describeNodes, natAddressesNeeded, nodesAtMost, portsPerAddress } from "../../../ground/gke/capacity";
import { GkeNetworkConfig, PoolConfig } from "../../../ground/gke/config";
import { gkeNetworkSchema } from "../../gke-schema";
import { configPath } from "../../problem";
import { readFields, Report } from "../../shape";
import { Pools, reportRanges } from "./ranges";

const defaults: GkeNetworkConfig = {
  nodes: "10.0.0.0/22",
  pods: "10.4.0.0/14",
  gatewayPods: "10.0.16.0/20",
  services: "10.0.32.0/20",
  controlPlane: "172.16.0.0/28",
  natAddresses: 2,
  natPortsPerNode: 8192,
};

/** Cloud NAT's limits for the ports that a node has for certain, with ports left over to add to them. */
const fewestPorts = 64;
const mostPorts = 32_768;

export function readNetwork(raw: unknown, pools: Pools, report: Report): GkeNetworkConfig {
  const network = { ...defaults, ...readFields(gkeNetworkSchema, raw ?? {}, ["cluster", "network"], report).sound };
  reportRanges(network, pools, report);
  reportNat(network, pools.gateways, report);
  return network;
}

function reportNat({ natAddresses, natPortsPerNode }: GkeNetworkConfig, gateways: PoolConfig, report: Report): void {
  const ports = natPortsPerNode.toLocaleString("en");
  if (natPortsPerNode < fewestPorts || natPortsPerNode > mostPorts || !Number.isInteger(Math.log2(natPortsPerNode))) {
    report({
      path: configPath("cluster", "network", "natPortsPerNode"),
      value: natPortsPerNode,
      problem: "Not a number of ports that Cloud NAT hands out",
      allowed: `a power of two from ${fewestPorts} to ${mostPorts}`,
    });
    return;
  }
  const nodes = nodesAtMost(gateways);
  const needed = natAddressesNeeded(nodes, natPortsPerNode);
  if (natAddresses < needed) {
    const all = (nodes * natPortsPerNode).toLocaleString("en");
    report({
      path: configPath("cluster", "network", "natAddresses"),
      value: natAddresses,
      problem:
        `Too few: ${nodes} gateway nodes (${describeNodes(gateways)}) with ${ports} ports each need ${all}, and an ` +
        `address has ${portsPerAddress.toLocaleString("en")}`,
      allowed: `${needed} at least`,
      fix: "raise it, or lower natPortsPerNode or the gateways' max",
    });
  }
}
