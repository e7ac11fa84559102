import type { PoolConfig } from "./config";
import { prefixFor } from "../cidr";

/** Nodes that an upgrade adds to a pool while it replaces others. */
export const surgeNodes = 1;

/** Addresses that Google keeps for itself in a subnet. */
export const reservedAddresses = 4;

/** Ports of one address that Cloud NAT hands out: all but the well-known ones. */
export const portsPerAddress = 64_512;

/** Pods of a node, which decide about the size of its block of addresses: twice as many, up to a power of two. */
export const maxPodsPerNode = { work: 110, gateways: 32 } as const;

export type PoolName = keyof typeof maxPodsPerNode;

/** Nodes that a pool has at most, one while it is upgraded included. */
export function nodesAtMost({ max, zones }: Pick<PoolConfig, "max" | "zones">): number {
  return max * zones.length + surgeNodes;
}

/** How the number of a pool's nodes comes about: `3 in each of 3 zones, and one during upgrades`. */
export function describeNodes({ max, zones }: Pick<PoolConfig, "max" | "zones">): string {
  const inZones = zones.length === 1 ? `${max}` : `${max} in each of ${zones.length} zones`;
  return `${inZones}, and one during upgrades`;
}

/** Addresses of the block that a node takes from its pool's range of pods. */
export function podAddressesPerNode(pool: PoolName): number {
  return 2 ** (32 - prefixFor(2 * maxPodsPerNode[pool]));
}

/** Reserved addresses without which some gateway node would have no ports. */
export function natAddressesNeeded(gatewayNodes: number, portsPerNode: number): number {
  return Math.ceil((gatewayNodes * portsPerNode) / portsPerAddress);
}
