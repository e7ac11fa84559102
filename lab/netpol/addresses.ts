/** IPv4 addresses as numbers and sets of them as ranges: what policies say in CIDRs and what nftables sets hold. */

/** From `first` to `last`, both included; of addresses or of ports. */
export interface Range {
  first: number;
  last: number;
}

export const everyAddress: Range = { first: 0, last: 0xffffffff };

/** The number of a dotted IPv4 address, or undefined when the text is something else, such as an IPv6 address. */
export function parseAddress(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((number, part) => number * 256 + part, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** The addresses of an IPv4 CIDR such as `10.0.0.0/8`, or undefined when the text is not one. */
export function parseCidr(text: string): Range | undefined {
  const [address, prefix, ...rest] = text.split("/");
  const number = parseAddress(address ?? "");
  if (number === undefined || prefix === undefined || rest.length > 0) return undefined;
  if (!/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return undefined;
  const size = 2 ** (32 - Number(prefix));
  const first = number - (number % size);
  return { first, last: first + size - 1 };
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
