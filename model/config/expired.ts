import { namespaceOf } from "../ground/names";
import { defined } from "../ground/objects";
import { dayIn, endOf, momentText, monthsAfter } from "./date";
import { ConfigProblem } from "./problem";
import { AllowRule, Exemption, ExpiredRule, StackConfig } from "./types";

/** What `egress check` says of each rule, and each exemption from admission, whose last day is over. */
export function expiryProblems({ expired, admission }: StackConfig, now: Date): ConfigProblem[] {
  return [
    ...expired.map((rule) => ({
      path: `${rule.path}.expires`,
      value: rule.expires,
      problem: `The rule has expired, and ${edgeOf(rule)} is allowed by it no longer: ${nowFor(rule.expires, now)}`,
      fix: `remove the rule, or agree on a later date with ${rule.owner ?? "its owner"}`,
    })),
    ...admission.expired.map((exemption) => ({
      path: `${exemption.path}.expires`,
      value: exemption.expires,
      problem: `The exemption has expired, and lets ${exemptOf(exemption)} pass no longer: today is ${dayIn(now)}`,
      fix: `remove the exemption, or agree on a later date with ${exemption.owner}`,
    })),
  ];
}

/** How many days before its last day a rule is warned of. */
export const daysBefore = 14;

/** The moment up to which an end is soon. */
export function soonAfter(now: Date): Date {
  return new Date(now.getTime() + daysBefore * 86_400_000);
}

/** After how many months a review is due again. */
export const reviewMonths = 6;

/** A warning for each rule and exemption that soon ends, and for each rule that was reviewed too long ago. */
export function dueWarnings({ allow, admission }: StackConfig, now: Date): ConfigProblem[] {
  const today = dayIn(now);
  const soon = dayIn(soonAfter(now));
  const ending = (what: string, path: string, expires: string | undefined, owner: string): ConfigProblem[] =>
    expires === undefined || expires.slice(0, 10) > soon
      ? []
      : [
          {
            path: `${path}.expires`,
            value: expires,
            problem: `${what} ends ${expires.includes("T") ? `at ${expires}` : `with ${expires === today ? "today" : expires}`}`,
            fix: `agree on a later date with ${owner}, or let it end`,
          },
        ];
  const rules = allow.flatMap((rule) => {
    const { path, expires, reviewed, owner = "its owner" } = rule;
    const due = reviewed === undefined ? undefined : monthsAfter(reviewed.slice(0, 10), reviewMonths);
    return [
      ...ending(edgeOf(rule), path, expires, owner),
      ...(due === undefined || due > today
        ? []
        : [
            {
              path: `${path}.reviewed`,
              value: reviewed,
              problem: `${edgeOf(rule)} is due for review since ${due}`,
              fix: `ask ${owner} whether it is needed still, and write the day and who reviewed it`,
            },
          ]),
    ];
  });
  const exemptions = admission.exemptions.flatMap((exemption) =>
    ending(`The exemption of ${exemptOf(exemption)}`, exemption.path, exemption.expires, exemption.owner),
  );
  return [...rules, ...exemptions];
}

/** A date of a rule, or of an exemption, that somebody is to know of. */
export interface DatedRule {
  /** That it ends at this moment, or that its review is due from then on. */
  what: "ends" | "review";
  name: string;
  /** In UTC, as `2027-07-01T00:00:00Z`. */
  at: string;
  owner?: string;
}

/** When rules and exemptions end, and when rules are due for review again; of what holds today. */
export function datesOf({ allow, admission }: Pick<StackConfig, "allow" | "admission">): DatedRule[] {
  const dated = (
    what: DatedRule["what"],
    name: string,
    at: string | undefined,
    owner: string | undefined,
  ): DatedRule[] => (at === undefined ? [] : [{ what, name, at, ...defined({ owner }) }]);
  const endIn = (expires: string | undefined) => (expires === undefined ? undefined : momentText(endOf(expires)));
  const dueAfter = (reviewed: string | undefined) =>
    reviewed === undefined ? undefined : `${monthsAfter(reviewed.slice(0, 10), reviewMonths)}T00:00:00Z`;
  return [
    ...allow.flatMap((rule) => [
      ...dated("ends", edgeOf(rule), endIn(rule.expires), rule.owner),
      ...dated("review", edgeOf(rule), dueAfter(rule.reviewed), rule.owner),
    ]),
    ...admission.exemptions.flatMap((exemption) =>
      dated("ends", `the exemption of ${exemptOf(exemption)}`, endIn(exemption.expires), exemption.owner),
    ),
  ];
}

/** What every preview and update says of them. */
export function expiryWarnings({ expired, admission }: StackConfig): string[] {
  const rules = expired.map(
    (rule) =>
      `${rule.path} has expired: ${edgeOf(rule)} was allowed until ${rule.expires}` +
      `${rule.owner === undefined ? "" : ` (owner: ${rule.owner})`}. Nothing is made of it any more. ` +
      `Remove it, or agree on a later date with ${rule.owner ?? "its owner"}.`,
  );
  const exemptions = admission.expired.map(
    (exemption) =>
      `${exemption.path} has expired: it let ${exemptOf(exemption)} pass until ${exemption.expires} (owner: ` +
      `${exemption.owner}). Nothing is let pass by it any more. Remove it, or agree on a later date with ${exemption.owner}.`,
  );
  return [...rules, ...exemptions];
}

function exemptOf({ rule, namespace, serviceAccount, object }: Exemption): string {
  return `${serviceAccount === undefined ? `${object}` : `pods of ServiceAccount ${serviceAccount}`} in ${namespace} (rule ${rule})`;
}

/** The rule that allowed a workload a destination until its last day, where it is in the file still. */
export function expiredRule({ expired }: StackConfig, from: string, to: string): ExpiredRule | undefined {
  const everyone = `${namespaceOf(from)}/*`;
  return expired.find((rule) => rule.to === to && (rule.from === from || rule.from === everyone));
}

function edgeOf({ from, to }: Pick<AllowRule, "from" | "to">): string {
  return `${from} → ${to}`;
}

/** What a rule's end is held against, in the form that the end has. */
function nowFor(expires: string, now: Date): string {
  return expires.includes("T") ? `it is ${momentText(now)}` : `today is ${dayIn(now)}`;
}
