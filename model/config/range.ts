import { asRange, Cidr, formatCidr } from "../ground/cidr";
import { Report } from "./shape";

/** Something that keeps a range, or addresses, from being granted. */
export interface RangeProblem {
  value: string;
  problem: string;
  allowed?: string;
  fix: string;
}

/** What is wrong with a range that does not begin where ranges of its size begin; undefined for any other. */
export function unalignedProblem(text: string, range: Cidr) {
  return formatCidr(range) === asRange(text)
    ? undefined
    : {
        value: text,
        problem: "Begins in the middle of a range of that size",
        fix: `write "${formatCidr(range)}"`,
      };
}

/** Reports such a range. */
export function reportUnaligned(text: string, range: Cidr, path: string, report: Report): void {
  const found = unalignedProblem(text, range);
  if (found !== undefined) {
    report({ path, ...found });
  }
}
