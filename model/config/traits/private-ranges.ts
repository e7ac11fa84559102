import { asRange, contains, insideRanges, isPrivate, linkLocal, parseCidr, privateRanges } from "../../ground/cidr";
import { present } from "../../ground/objects";
import { sortedUnique } from "../../ground/order";
import { holdsOwn, ownIn, OwnRange } from "../own-ranges";
import { RangeProblem, unalignedProblem } from "../range";

/** What of the inside is nobody's network. */
const neverGranted: { range: string; what: string }[] = [
  { range: "127.0.0.0/8", what: "the gateway's own loopback" },
  {
    range: linkLocal,
    what: "link-local: the node's own, and the cloud's metadata server, which hands out credentials",
  },
];

const example = `a part of ${privateRanges.join(", ")}, as 10.20.0.0/16`;

/**
 * What is wrong with a private range of a destination, by itself: the same for one of the configuration and for one of a
 * program.
 */
export function privateRangeProblems(text: string): RangeProblem[] {
  const range = parseCidr(asRange(text));
  if (range === undefined) {
    return [
      {
        value: text,
        problem: "Not a range of IPv4 addresses",
        allowed: "CIDR notation, as 10.20.0.0/16, or an address",
        fix: "write the range that the names resolve into",
      },
    ];
  }
  const unaligned = unalignedProblem(text, range);
  if (isPrivate(range)) {
    return unaligned === undefined ? [] : [unaligned];
  }
  const never = neverGranted.find((each) => contains(parseCidr(each.range)!, range));
  if (never !== undefined) {
    return [{ value: text, problem: `In ${never.range}, ${never.what}`, allowed: example, fix: "remove it" }];
  }
  const inside = insideRanges.find((each) => contains(parseCidr(each)!, range));
  return [
    {
      value: text,
      problem:
        inside === undefined
          ? "Not private: names lead to public addresses without a word"
          : `Inside ${inside}, which is no network of one's own`,
      allowed: example,
      fix: "remove it",
    },
  ];
}

/** What is wrong with it in a cluster: nothing of its own is granted as if it were beside it. */
export function ownRangeProblems(text: string, own: readonly OwnRange[]): RangeProblem[] {
  return ownIn(text, own).map((each) => ({
    value: text,
    problem:
      `${holdsOwn(each)}. ` +
      "Whoever makes the names decides where they lead, and would lead them to its pods or its control plane",
    fix: "name the ranges of the hosts alone, without those of the cluster",
  }));
}

/** Ranges each once and in order, an address as the range that holds it alone. */
export function normalRanges(ranges: readonly string[]): string[] {
  return sortedUnique(present(ranges).map(asRange));
}
