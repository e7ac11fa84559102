import { AllowRule, StackConfig } from "../config/types";
import { grantsOf } from "../grants";
import { Seen } from "./proposal";
import { standings } from "./standing";
import { CountedCall, together } from "./tally";

/** A rule, and the calls that passed by it. */
export interface RuleUse extends Seen {
  rule: AllowRule;
}

/**
 * Whether a rule was not used since a moment. One that was used at a time which no line tells may have been used since.
 *
 * @param since milliseconds since 1970 @default as far back as is recorded
 */
export function isUnused({ calls, last }: Pick<RuleUse, "calls" | "last">, since = -Infinity): boolean {
  return calls === 0 || (last !== undefined && last < since);
}

/**
 * How often each rule was used and when, in the order of the rules. A call that was refused when it was made used none.
 * Of a rule for a service beside the mesh nothing is known, as no gateway is on that way: it is left out.
 */
export function ruleUses(config: StackConfig, counted: Iterable<CountedCall>): RuleUse[] {
  const standingOf = standings(config);
  const used = new Map<string, CountedCall[]>();
  for (const call of counted) {
    const standing = call.outcome === "refused" || call.outcome === "unclear" ? undefined : standingOf(call);
    if (standing?.kind === "granted") {
      const { path } = standing.rule;
      const earlier = used.get(path) ?? [];
      used.set(path, earlier);
      earlier.push(call);
    }
  }
  const { targets } = grantsOf(config);
  return config.allow
    .filter(({ to }) => targets.get(to)?.kind === "destination")
    .map((rule) => ({ rule, ...together(used.get(rule.path) ?? []) }));
}
