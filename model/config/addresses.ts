import { isIPv6 } from "node:net";
import {
  asRange,
  contains,
  insideRanges,
  isPrivate,
  linkLocal,
  overlap,
  parseCidr,
  privateRanges,
} from "../ground/cidr";
import { holdsOwn, ownIn, OwnRange } from "./own-ranges";
import { RangeProblem, unalignedProblem } from "./range";

/** The widest range that is granted without a name. */
const shortestPrefix = 16;

const form = "an IPv4 address or a range in CIDR notation, as 198.51.100.7 or 198.51.100.0/24";

/**
 * What is wrong with addresses of a destination, by themselves: the same for those of the configuration and for those of a
 * program. Undefined where nothing is.
 */
export function addressesProblem(text: string): RangeProblem | undefined {
  const range = parseCidr(asRange(text));
  if (range === undefined) {
    const [, address, port] = /^(?:[a-z]+:\/\/)?(\d+\.\d+\.\d+\.\d+)(?::(\d+))?(?:\/\D.*)?\/?$/i.exec(text) ?? [];
    const isWithPort = address !== undefined && parseCidr(asRange(address)) !== undefined;
    return {
      value: text,
      problem: isIPv6(text.replace(/\/\d+$|[[\]]/g, ""))
        ? "Gateways have no way out to IPv6 addresses"
        : "Not an IPv4 address, nor a range of them",
      allowed: form,
      fix: isWithPort
        ? `write "${address}"${port === undefined ? "" : `, and have ${port}/tcp under ports`}`
        : "write the addresses that are called; what has a name goes under hosts",
    };
  }
  if (range.prefix < shortestPrefix) {
    return {
      value: text,
      problem: `Too wide: ${range.size} addresses, whoever has them`,
      allowed: `/${shortestPrefix} or smaller`,
      fix: "list the ranges that are called",
    };
  }
  const inside = insideRanges.find((each) => overlap(parseCidr(each)!, range));
  if (inside === undefined || isPrivate(range)) {
    // Last, so that the range which is offered would do.
    return unalignedProblem(text, range);
  }
  return {
    value: text,
    problem: overlap(parseCidr(linkLocal)!, range)
      ? `In ${inside}: link-local, and the cloud's metadata server, which hands out credentials, is there`
      : `In ${inside}, which is neither public nor a network of one's own`,
    allowed: `public addresses, or a part of ${privateRanges.join(", ")}`,
    fix: "remove it",
  };
}

/** Whether whoever is on the internet may have an address of these. */
export function isPublic(addresses: string): boolean {
  return !isPrivate(parseCidr(asRange(addresses))!);
}

/** What is wrong with them in a cluster: nothing of its own is granted as if it were beside it. */
export function ownAddressesProblem(text: string, own: readonly OwnRange[]): RangeProblem | undefined {
  const [found] = ownIn(text, own);
  return found === undefined
    ? undefined
    : {
        value: text,
        problem: holdsOwn(found),
        fix: contains(found.range, parseCidr(asRange(text))!)
          ? "remove it: what is in the cluster is called by its Service's name"
          : "name the ranges of the hosts alone, without those of the cluster",
      };
}
