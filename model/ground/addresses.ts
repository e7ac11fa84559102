import { asRange, contains, formatCidr, parseCidr } from "./cidr";
import { inRegex } from "./hosts";

/**
 * Addresses that are granted without a name, as a destination's: one, `198.51.100.7`, or a range, `198.51.100.0/24`.
 * Wherever hosts are listed such a text stands for its addresses, as a wildcard does for names.
 */

/** Whether what is called is an address or a range of them, and no name. */
export function isAddresses(host: string): boolean {
  return parseCidr(asRange(host)) !== undefined;
}

/** The same text for the same addresses: a range of one as that one. */
export function addressesText(written: string): string {
  return written.replace(/\/32$/, "");
}

/** Whether an address is one of those. */
export function holdsAddress(addresses: string, address: string): boolean {
  const [range, one] = [parseCidr(asRange(addresses)), parseCidr(asRange(address))];
  return range !== undefined && one?.size === 1 && contains(range, one);
}

/** One that somebody may have: of a range the first behind that of the network itself, where it has one. */
export function anyOfAddresses(addresses: string): string {
  const { first, prefix } = parseCidr(asRange(addresses))!;
  return addressesText(formatCidr({ first: prefix < 31 ? first + 1 : first, prefix: 32, size: 1 }));
}

/**
 * The name by which sidecars know the gateway's way to a destination's addresses. No application calls it: DNS has no names
 * below it, and an HTTP request for it is one that no policy lets pass.
 */
export function addressesName(destination: string): string {
  return `${destination}.addresses.internal`;
}

/**
 * What authorities of a range's addresses begin with, as `198.51.100.` or `198.51.100.7:`. A range of /16 or smaller has 128
 * at most, as only one of its octets is cut.
 */
export function authorityPrefixes(addresses: string): string[] {
  const { octets, cut } = octetsOf(addresses);
  const fixed = octets.map((octet) => `${octet}.`).join("");
  const last = octets.length + (cut === undefined ? 0 : 1) === 4;
  return cut === undefined
    ? [last ? `${octets.join(".")}:` : fixed]
    : between(cut).map((octet) => `${fixed}${octet}${last ? ":" : "."}`);
}

/** A regular expression that holds for a range's addresses, spelled as they are dialled, and for nothing else. */
export function addressesRegex(addresses: string): string {
  const { octets, cut } = octetsOf(addresses);
  const parts = [...octets.map(String), ...(cut === undefined ? [] : [`(${between(cut).join("|")})`])];
  return [...parts, ...Array<string>(4 - parts.length).fill(octetRegex)].join("[.]");
}

/** An octet without zeros before it, by which some would read it as another number. */
const octetRegex = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

/** Any IPv4 address, spelled as it is dialled. */
export const anyAddressRegex = Array<string>(4).fill(octetRegex).join("[.]");

/** What begins as addresses of the range do, by three octets at most, whatever follows. */
export function beginningRegex(addresses: string): string {
  return `${inRegex(
    octetsOf(addresses)
      .octets.slice(0, 3)
      .map((octet) => `${octet}.`)
      .join(""),
  )}.*`;
}

interface Octets {
  /** Those that all addresses have in common. */
  octets: number[];
  /** The first and the last value of the octet that the range ends in; undefined where it ends between two. */
  cut?: [first: number, last: number];
}

function octetsOf(addresses: string): Octets {
  const { first, prefix } = parseCidr(asRange(addresses))!;
  const all = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  const whole = Math.floor(prefix / 8);
  const octets = all.slice(0, whole);
  const begun = all[whole];
  return prefix % 8 === 0 || begun === undefined
    ? { octets }
    : { octets, cut: [begun, begun + 2 ** (8 - (prefix % 8)) - 1] };
}

function between([first, last]: [number, number]): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
