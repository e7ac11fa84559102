/** IPv4 addresses as numbers and sets of them as ranges: what policies say in CIDRs and what nftables sets hold. */

import { IPv4 } from "ipaddr.js";

/** From `first` to `last`, both included; of addresses or of ports. */
export interface Range {
  first: number;
  last: number;
}

export const everyAddress: Range = { first: 0, last: 0xffffffff };

/** The number of a dotted IPv4 address, or undefined when the text is something else, such as an IPv6 address. */
export function parseAddress(text: string): number | undefined {
  return IPv4.isValidFourPartDecimal(text) ? numberOf(IPv4.parse(text)) : undefined;
}

export function formatAddress(address: number): string {
  return new IPv4([24, 16, 8, 0].map((shift) => (address >>> shift) & 255)).toString();
}

/** The IPv6 address that ends in an IPv4 one, as nftables reads it. @param prefix 96 bits, such as `fe80::` */
export function addressBehind(prefix: string, address: number): string {
  return `${prefix}${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}`;
}

/** The addresses of an IPv4 CIDR such as `10.0.0.0/8`, or undefined when the text is not one. */
export function parseCidr(text: string): Range | undefined {
  return IPv4.isValidCIDRFourPartDecimal(text)
    ? {
        first: numberOf(IPv4.networkAddressFromCIDR(text)),
        last: numberOf(IPv4.broadcastAddressFromCIDR(text)),
      }
    : undefined;
}

function numberOf(address: IPv4): number {
  return address.octets.reduce((number, octet) => number * 256 + octet, 0);
}

/** The same numbers in ascending ranges that neither overlap nor touch: nftables refuses sets that do. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous !== undefined && range.first <= previous.last + 1) {
      previous.last = Math.max(previous.last, range.last);
    } else {
      merged.push({ ...range });
    }
  }
  return merged;
}

/** What is left of `range` without the `holes`. */
export function subtractRanges(range: Range, holes: readonly Range[]): Range[] {
  const left: Range[] = [];
  let first = range.first;
  for (const hole of mergeRanges(holes)) {
    if (hole.last < first) continue;
    if (hole.first > range.last) break;
    if (hole.first > first) left.push({ first, last: hole.first - 1 });
    first = hole.last + 1;
  }
  if (first <= range.last) left.push({ first, last: range.last });
  return left;
}

export function rangesHold(ranges: readonly Range[], number: number): boolean {
  return ranges.some(({ first, last }) => first <= number && number <= last);
}
