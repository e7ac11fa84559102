import { checkSpan, Duration, secondsOf } from "../../ground/timeouts";
import { configPath } from "../problem";
import { breakGlassSchema } from "../schema";
import { readFields, Report } from "../shape";
import { BreakGlassConfig } from "../types";

/** At most a week: what lasts longer is a rule. */
const mostLongest: Duration = "168h";

export function readBreakGlass(raw: unknown, report: Report): BreakGlassConfig {
  const { longest = "8h" } = readFields(breakGlassSchema, raw ?? {}, ["breakGlass"], report).sound;
  const check = checkSpan(longest);
  if ("span" in check && secondsOf(check.span) <= secondsOf(mostLongest)) {
    return { longest: check.span };
  }
  report({
    path: configPath("breakGlass", "longest"),
    value: longest,
    problem: "problem" in check ? "Not a time" : "Longer than a week: what lasts so long is a rule",
    allowed: `1m to ${mostLongest}, in whole hours or minutes, as 8h or 90m`,
  });
  return { longest: "8h" };
}
