import { placeOfRule } from "../../model/config/problem";
import { isReported } from "../../model/config/reporting";
import { RuleUse } from "../../model/traffic";
import { columns } from "../columns";
import { isoTimes, timeText } from "./learnt";
import { counted } from "../../model/ground/words";

export interface RulesShown {
  /** In the order that is to be shown. */
  uses: RuleUse[];
  /** When the first of all recorded calls began: nothing is known of what was before. Milliseconds since 1970. */
  oldest?: number;
  /** Whether only rules that were not used are shown. */
  unused: boolean;
}

/** A table of rules and their use, and how far back that is known. */
export function rulesText({ uses, oldest, unused }: RulesShown): string {
  const reported = uses.filter(({ rule }) => isReported(rule));
  const modes = reported.length > 0;
  const rows = uses.map(({ rule, calls, last }) => [
    placeOfRule(rule.path),
    ...(modes ? [rule.mode ?? "enforce"] : []),
    rule.from,
    rule.to,
    rule.owner ?? "",
    `${calls}`,
    calls === 0 ? "not used" : timeText(last),
    rule.reviewed ?? "",
  ]);
  const header = ["RULE", ...(modes ? ["MODE"] : []), "FROM", "TO", "OWNER", "CALLS", "LAST USED", "REVIEWED"];
  const idle = uses.filter(({ calls }) => calls === 0).length;
  return [
    ...(rows.length === 0 ? [] : [...columns()([header, ...rows]), ""]),
    unused ? `${counted(idle, "rule")} not used.` : `${counted(uses.length, "rule")}, ${idle} not used.`,
    ...(modes ? [reportedText(reported)] : []),
    oldest === undefined
      ? "No call was recorded, so nothing is known of any rule."
      : `The first recorded call is of ${timeText(oldest)}: of what was before nothing is known.`,
  ].join("\n");
}

function reportedText(reported: RuleUse[]): string {
  const calls = reported.reduce((sum, use) => sum + use.calls, 0);
  return `${counted(reported.length, "rule")} in report mode: ${counted(calls, "call")} by ${reported.length === 1 ? "it" : "them"} would be denied.`;
}

/** The form of `--json`. */
export function rulesJson({ uses }: RulesShown): string {
  return isoTimes(
    uses.map(({ rule: { path, from, to, owner, expires, reviewed, mode }, calls, first, last }) => ({
      ...{
        rule: path,
        mode: mode ?? "enforce",
        from,
        to,
        owner: owner ?? null,
        expires: expires ?? null,
        reviewed: reviewed ?? null,
      },
      ...{ calls, first: first ?? null, last: last ?? null },
    })),
  );
}
