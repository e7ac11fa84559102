import {
  describeNodes,
  maxPodsPerNode,
  nodesAtMost,
  podAddressesPerNode,
  PoolName,
  reservedAddresses,
} from "../../../ground/gke/capacity";
import { Cidr, formatCidr, isPrivate, overlap, parseCidr, prefixFor, privateRanges } from "../../../ground/cidr";
import { GkeNetworkConfig, PoolConfig, rangeKeys } from "../../../ground/gke/config";
import { configPath } from "../../problem";
import { reportUnaligned } from "../../range";
import { Report } from "../../shape";

type RangeKey = (typeof rangeKeys)[number];
type Ranges = Partial<Record<RangeKey, Cidr>>;

/** Addresses that GKE and Docker use on every node. */
const takenRange = "172.17.0.0/16";

export interface Pools {
  nodes: PoolConfig;
  gateways: PoolConfig;
}

/** Reports ranges that are none, that overlap, or that are too small for what is asked of them. */
export function reportRanges(network: GkeNetworkConfig, { nodes, gateways }: Pools, report: Report): void {
  const ranges: Ranges = {};
  for (const key of rangeKeys) {
    const range = readRange(key, network[key], report);
    if (range !== undefined) {
      reportOverlap(key, range, ranges, report);
      ranges[key] = range;
    }
  }
  reportNodes(ranges.nodes, nodes, gateways, report);
  reportPods("pods", "work", ranges.pods, nodes, report);
  reportPods("gatewayPods", "gateways", ranges.gatewayPods, gateways, report);
  reportPrefix("services", ranges.services, 16, 27, report);
  reportPrefix("controlPlane", ranges.controlPlane, 28, 28, report);
}

function readRange(key: RangeKey, text: string, report: Report): Cidr | undefined {
  const path = configPath("cluster", "network", key);
  const range = parseCidr(text);
  if (range === undefined) {
    report({ path, value: text, problem: "Not a range of IPv4 addresses", allowed: "CIDR notation, as 10.0.0.0/22" });
    return undefined;
  }
  reportUnaligned(text, range, path, report);
  if (!isPrivate(range)) {
    report({
      path,
      value: text,
      problem: "Public addresses: the gateway would take them for external hosts",
      allowed: `a part of ${privateRanges.join(", ")}`,
    });
  } else if (overlap(range, parseCidr(takenRange)!)) {
    report({ path, value: text, problem: `Overlaps ${takenRange}, which every node uses for itself` });
  }
  return range;
}

function reportOverlap(key: RangeKey, range: Cidr, others: Ranges, report: Report): void {
  for (const other of rangeKeys) {
    const taken = others[other];
    if (taken !== undefined && overlap(range, taken)) {
      report({
        path: configPath("cluster", "network", key),
        value: formatCidr(range),
        problem: `Overlaps ${configPath("cluster", "network", other)}, ${formatCidr(taken)}`,
        fix: "move one of the two",
      });
    }
  }
}

function reportNodes(range: Cidr | undefined, work: PoolConfig, gateways: PoolConfig, report: Report): void {
  const nodes = nodesAtMost(work) + nodesAtMost(gateways);
  const needed = nodes + reservedAddresses;
  if (range !== undefined && range.size < needed) {
    report({
      path: configPath("cluster", "network", "nodes"),
      value: formatCidr(range),
      problem:
        `Too small: ${range.size} addresses, and ${nodes} nodes (for work ${describeNodes(work)}; for gateways ` +
        `${describeNodes(gateways)}) and the ${reservedAddresses} that Google keeps need ${needed}`,
      allowed: `/${prefixFor(needed)} or larger`,
      fix: "take a larger range, or fewer nodes",
    });
  }
}

function reportPods(
  key: RangeKey,
  poolName: PoolName,
  range: Cidr | undefined,
  pool: PoolConfig,
  report: Report,
): void {
  const each = podAddressesPerNode(poolName);
  const nodes = nodesAtMost(pool);
  if (range !== undefined && range.size < nodes * each) {
    report({
      path: configPath("cluster", "network", key),
      value: formatCidr(range),
      problem:
        `Too small: enough for ${Math.floor(range.size / each)} nodes of ${maxPodsPerNode[poolName]} pods, which take ` +
        `${each} addresses each, and ${nodes} are asked for (${describeNodes(pool)})`,
      allowed: `/${prefixFor(nodes * each)} or larger`,
      fix: "take a larger range, or fewer nodes",
    });
  }
}

function reportPrefix(key: RangeKey, range: Cidr | undefined, least: number, most: number, report: Report): void {
  if (range !== undefined && (range.prefix < least || range.prefix > most)) {
    report({
      path: configPath("cluster", "network", key),
      value: formatCidr(range),
      problem: `Not of a size that GKE takes: ${range.size} addresses`,
      allowed: least === most ? `a /${least}` : `/${least} to /${most}`,
    });
  }
}
