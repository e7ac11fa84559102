import { asRange, Cidr, formatCidr } from "../ground/cidr";
import { Report } from "./shape";

/** Reports a range that does not begin where ranges of its size begin. */
export function reportUnaligned(text: string, range: Cidr, path: string, report: Report): void {
  if (formatCidr(range) !== asRange(text)) {
    report({
      path,
      value: text,
      problem: "Begins in the middle of a range of that size",
      fix: `write "${formatCidr(range)}"`,
    });
  }
}
