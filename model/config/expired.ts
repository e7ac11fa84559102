import { namespaceOf } from "../ground/workload-key";
import { dayIn } from "./date";
import { ConfigProblem } from "./problem";
import { ExpiredRule, StackConfig } from "./types";

/** What `egress check` says of each rule whose last day is over. */
export function expiryProblems({ expired }: StackConfig, now: Date): ConfigProblem[] {
  return expired.map((rule) => ({
    path: `${rule.path}.expires`,
    value: rule.expires,
    problem: `The rule has expired, and ${edgeOf(rule)} is allowed by it no longer: today is ${dayIn(now)}`,
    fix: `remove the rule, or agree on a later date with ${rule.owner ?? "its owner"}`,
  }));
}

/** What every preview and update says of them. */
export function expiryWarnings({ expired }: StackConfig): string[] {
  return expired.map(
    (rule) =>
      `${rule.path} has expired: ${edgeOf(rule)} was allowed until ${rule.expires}` +
      `${rule.owner === undefined ? "" : ` (owner: ${rule.owner})`}. Nothing is made of it any more. ` +
      `Remove it, or agree on a later date with ${rule.owner ?? "its owner"}.`,
  );
}

/** The rule that allowed a workload a destination until its last day, where it is in the file still. */
export function expiredRule({ expired }: StackConfig, from: string, to: string): ExpiredRule | undefined {
  const everyone = `${namespaceOf(from)}/*`;
  return expired.find((rule) => rule.to === to && (rule.from === from || rule.from === everyone));
}

function edgeOf({ from, to }: ExpiredRule): string {
  return `${from} → ${to}`;
}
