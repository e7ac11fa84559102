import { asRange, contains, insideRanges, parseCidr } from "../ground/cidr";
import { isBelow } from "../ground/hosts";
import { configPath } from "./problem";

/** Why no gateway ever reaches what a name stands for, and what to do about it. */
export interface Unreachable {
  /** As a clause without a full stop. */
  reason: string;
  fix: string;
  /** Whether it is a private network's, which a destination may name. @default false */
  isPrivate?: boolean;
}

const privately = {
  isPrivate: true,
  fix:
    "give its destination the private ranges that it leads into, as private: [10.20.0.0/16]; " +
    `what has a private address and no name goes under ${configPath("outside")}`,
};

/** Names that are known to lead nowhere, or into the inside, wherever they are asked for. A name holds those below it. */
const known: (Unreachable & { names: string[] })[] = [
  {
    names: ["metadata.google.internal", "metadata.azure.internal", "instance-data.ec2.internal"],
    reason: "it is the cloud's metadata server, at a link-local address",
    fix: "remove it; Google's, on GKE, is a destination with kind: google-metadata, and no other is granted",
  },
  {
    // Reserved by ICANN for private use; what Google and Amazon call machines.
    names: ["internal"],
    reason: "names below .internal are a private network's, at private addresses",
    ...privately,
  },
  {
    // RFC 8375; RFC 6762, appendix G.
    names: ["home.arpa", "corp", "home", "intranet", "lan", "private"],
    reason: "public DNS has no such names: they are a private network's, at private addresses",
    ...privately,
  },
  {
    // RFC 6761, RFC 7686, RFC 9476.
    names: ["invalid", "onion", "alt"],
    reason: "DNS has no such names",
    fix: "remove it, or write the name that DNS knows",
  },
  {
    names: ["in-addr.arpa", "ip6.arpa"],
    reason: "it is the name of an address, and no host",
    fix: "remove it, or write the name by which the host is called",
  },
  {
    names: ["localtest.me", "lvh.me"],
    reason: "it resolves to 127.0.0.1, the caller's own machine",
    fix: "remove it",
  },
];

/** Services that answer with the address that stands in the name itself. */
export const echoes = ["nip.io", "sslip.io"];

/** Why a host can never be reached through a gateway, where its name tells; undefined for any other host. */
export function unreachable(host: string): Unreachable | undefined {
  const found = known.find(({ names }) => names.some((name) => host === name || isBelow(host, name)));
  if (found !== undefined) {
    const { names: _, ...why } = found;
    return why;
  }
  const address = echoes.some((name) => isBelow(host, name)) ? addressIn(host) : undefined;
  return address === undefined || !isInside(address)
    ? undefined
    : { reason: `it resolves to ${address}, which is no address outside`, fix: "remove it" };
}

/** The same of an address as it stands in a URL. */
export function unreachableAddress(address: string): string | undefined {
  if (address.includes(":")) {
    return "gateways have no way out to IPv6 addresses";
  }
  return isInside(address)
    ? "it is no external address, but the cluster's, its network's or a metadata server's"
    : undefined;
}

function isInside(address: string): boolean {
  const range = parseCidr(asRange(address));
  return range !== undefined && insideRanges.some((inside) => contains(parseCidr(inside)!, range));
}

/** The IPv4 address in a name, its parts with dots or hyphens between them. */
function addressIn(host: string): string | undefined {
  const parts = /(?:^|[.-])(\d{1,3})([.-])(\d{1,3})\2(\d{1,3})\2(\d{1,3})(?=[.-])/.exec(host);
  return parts === null ? undefined : [parts[1], parts[3], parts[4], parts[5]].join(".");
}
