import { IPv4 } from "ipaddr.js";

/** A range of IPv4 addresses. */
export interface Cidr {
  /** First address, as a number. */
  first: number;
  /** Length of the network's part, 0 to 32. */
  prefix: number;
  /** Number of addresses. */
  size: number;
}

/** The range that `10.0.0.0/22` stands for; undefined for what is none. Bits beyond the prefix are cut off. */
export function parseCidr(text: string): Cidr | undefined {
  if (!IPv4.isValidCIDRFourPartDecimal(text)) {
    return undefined;
  }
  const prefix = IPv4.parseCIDR(text)[1];
  return { first: numberOf(IPv4.networkAddressFromCIDR(text)), prefix, size: 2 ** (32 - prefix) };
}

export function formatCidr({ first, prefix }: Cidr): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${new IPv4(octets).toString()}/${prefix}`;
}

function numberOf(address: IPv4): number {
  return address.octets.reduce((number, octet) => number * 256 + octet, 0);
}

/** An address as the range that holds it alone; a range as it is. */
export function asRange(text: string): string {
  return text.includes("/") ? text : `${text}/32`;
}

export function overlap(a: Cidr, b: Cidr): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** Whether all of `inner` is in `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && overlap(outer, inner);
}

/** The parts of a range that are in none of others, each as wide as it can be. */
export function without(range: Cidr, others: readonly Cidr[]): Cidr[] {
  if (!others.some((other) => overlap(other, range))) {
    return [range];
  }
  if (others.some((other) => contains(other, range))) {
    return [];
  }
  const half = { prefix: range.prefix + 1, size: range.size / 2 };
  return [range.first, range.first + half.size].flatMap((first) => without({ first, ...half }, others));
}

/** The longest prefix whose range holds that many addresses. */
export function prefixFor(addresses: number): number {
  return 32 - Math.ceil(Math.log2(Math.max(1, addresses)));
}

/** Where networks of one's own are: what the gateways take for inside, and never forward to (RFC 1918, RFC 6598). */
export const privateRanges = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"] as const;

export function isPrivate(range: Cidr): boolean {
  return privateRanges.some((outer) => contains(parseCidr(outer)!, range));
}

/** The node's own addresses, resolvers' among them, and the cloud's metadata server. */
export const linkLocal = "169.254.0.0/16";

/**
 * Ranges that are not the outside, and so out of the gateway's reach, whatever a host's DNS record says:
 * the cluster's own and its neighbours' addresses, the node itself, cloud metadata servers, multicast.
 */
export const insideRanges = [
  "0.0.0.0/8", // this host
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT, and some clusters' pods
  "127.0.0.0/8", // loopback
  linkLocal, // link-local, metadata servers among them
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments, metadata servers among them
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarking
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
];
