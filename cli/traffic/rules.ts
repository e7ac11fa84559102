import { placeOfRule } from "../../model/config/problem";
import { isReported } from "../../model/config/reporting";
import { isUnused, RuleUse } from "../../model/traffic";
import { columns } from "../columns";
import { isoTimes, timeText } from "./learnt";
import { counted } from "../../model/ground/words";

export interface RulesShown {
  /** In the order that is to be shown. */
  uses: RuleUse[];
  /** When the first of all recorded calls began: nothing is known of what was before. Milliseconds since 1970. */
  oldest?: number;
  /** That only rules are shown which were not used: for so many seconds, or in all that is recorded. @default all are */
  unused?: { seconds?: number };
  /** Milliseconds since 1970. */
  now: number;
}

/** The rules that are to be shown, of all. */
export function shownUses(uses: RuleUse[], { unused, now }: Pick<RulesShown, "unused" | "now">): RuleUse[] {
  const { seconds } = unused ?? {};
  return unused === undefined
    ? uses
    : uses.filter((use) => isUnused(use, seconds === undefined ? undefined : now - seconds * 1000));
}

/** Whether as much is recorded as was asked for: a rule may have been used before that. */
function reachesBack({ unused, oldest, now }: RulesShown): boolean {
  return unused?.seconds === undefined || (oldest !== undefined && oldest <= now - unused.seconds * 1000);
}

/** A table of rules and their use, and how far back that is known. */
export function rulesText(shown: RulesShown): string {
  const { uses, oldest, unused, now } = shown;
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
    unused?.seconds !== undefined
      ? `${counted(uses.length, "rule")} not used for ${spanText(unused.seconds)}.`
      : unused !== undefined
        ? `${counted(idle, "rule")} not used.`
        : `${counted(uses.length, "rule")}, ${idle} not used.`,
    ...(modes ? [reportedText(reported)] : []),
    oldest === undefined
      ? "No call was recorded, so nothing is known of any rule."
      : reachesBack(shown)
        ? `The first recorded call is of ${timeText(oldest)}: of what was before nothing is known.`
        : `The recording is shorter than ${spanText(unused!.seconds!)}: its first call is of ${timeText(oldest)}, ` +
          `${agoText(now - oldest)} ago. A rule that is shown may have been used before that: give a longer recording by ` +
          "--from before you remove it.",
  ].join("\n");
}

function reportedText(reported: RuleUse[]): string {
  const calls = reported.reduce((sum, use) => sum + use.calls, 0);
  return `${counted(reported.length, "rule")} in report mode: ${counted(calls, "call")} by ${reported.length === 1 ? "it" : "them"} would be denied.`;
}

/** In the greatest unit that it is a whole number of. */
function spanText(seconds: number): string {
  const units = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ] as const;
  const [size, unit] = units.find(([each]) => seconds % each === 0) ?? [1, "second"];
  return counted(seconds / size, unit);
}

function agoText(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  return hours < 48 ? counted(hours, "hour") : counted(Math.floor(hours / 24), "day");
}

/** The form of `--json`. Each rule says by itself how far back is known, so that no program takes it for more. */
export function rulesJson(shown: RulesShown): string {
  const { uses, oldest, unused } = shown;
  const recordedSince = oldest === undefined ? null : new Date(oldest).toISOString();
  const asked = unused?.seconds === undefined ? {} : { unusedSeconds: unused.seconds, conclusive: reachesBack(shown) };
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
      ...{ recordedSince, ...asked },
    })),
  );
}
