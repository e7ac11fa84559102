import { dayIn, monthsAfter } from "../config/date";
import { reviewMonths } from "../config/expired";
import { heldTo } from "../config/traits/told";
import { AllowRule, StackConfig } from "../config/types";
import { connectPorts, grantsOf, isOriginated, protocolsOf, spokenTo, Target } from "../grants";
import { groupedBy } from "../ground/order";
import { defaultPort } from "../ground/protocols";
import { portText } from "../ground/ports";
import { callUrl, CountedCall, ruleUses, together } from "../traffic";
import { standings } from "../traffic/standing";
import { Evidence, InsecureWay, RuleRow } from "./schema";

type Use = NonNullable<RuleRow["use"]>;

/**
 * Every rule, who answers for it, until when, and what is known of its use.
 *
 * @param counted the calls that were recorded @default nothing is known of any use
 */
export function ruleRows(config: StackConfig, now: Date, counted?: readonly CountedCall[]): RuleRow[] {
  const { targets } = grantsOf(config);
  const uses = new Map(
    (counted === undefined ? [] : ruleUses(config, counted)).map(({ rule, ...use }) => [rule.path, useOf(use)]),
  );
  return config.allow.map((rule): RuleRow => {
    const target = targets.get(rule.to)!;
    const { expires, reviewed } = rule;
    const reviewDay = reviewed?.slice(0, 10);
    return {
      rule: rule.path,
      from: rule.from,
      to: rule.to,
      gateway: target.kind === "destination" ? target.gateway : null,
      ways: spokenTo(target),
      mode: rule.mode ?? "enforce",
      owner: rule.owner ?? null,
      reason: rule.reason ?? null,
      expires: expires ?? null,
      daysLeft: expires === undefined ? null : daysBetween(dayIn(now), expires.slice(0, 10)),
      reviewed: reviewDay ?? null,
      reviewer: reviewed?.slice("2026-09-01 by ".length) ?? null,
      reviewDue: reviewDay === undefined ? null : monthsAfter(reviewDay, reviewMonths),
      use: uses.get(rule.path) ?? null,
    };
  });
}

/** Whether a rule was reviewed, and not too long ago. */
export function isReviewed({ reviewDue }: Pick<RuleRow, "reviewDue">, now: Date): boolean {
  return reviewDue !== null && reviewDue > dayIn(now);
}

/** What rules open that is not TLS from end to end, or of which nobody here can tell; by target and way. */
export function insecureWays(config: StackConfig, counted?: readonly CountedCall[]): InsecureWay[] {
  const { targets } = grantsOf(config);
  const rulesTo = groupedBy(config.allow, ({ to }) => to);
  const uses = counted === undefined ? undefined : usesByWay(config, counted);
  return [...targets.values()].flatMap((target) => {
    const rules = rulesTo.get(target.name) ?? [];
    return rules.length === 0
      ? []
      : openWays(target).map(({ way, ...words }) => ({
          to: target.name,
          way,
          hosts: [...target.hosts],
          ...words,
          rules: rules.map(({ path }) => path),
          use:
            target.kind === "beside" || uses === undefined
              ? null
              : useOf(together(uses.get(`${target.name} ${way}`) ?? [])),
        }));
  });
}

/** Of HTTP without TLS. @param ranges the private ranges that the hosts lead into @default none, and so the internet */
function plain(ranges: readonly string[] | undefined): Pick<InsecureWay, "kind" | "why"> {
  const where = ranges === undefined ? "to the internet" : `into a private network, ${ranges.join(", ")}`;
  return { kind: "plain", why: `plain HTTP ${where}: anybody on the way can read it, and answer in the host's place` };
}

function openWays(target: Target): Pick<InsecureWay, "way" | "kind" | "why" | "instead">[] {
  if (target.kind === "beside") {
    const how = target.config.via;
    return [
      {
        way: how,
        kind: "beside",
        why:
          how === "bypass"
            ? "private addresses, past the sidecar: no identity is asked for, and no log tells of it"
            : "private addresses, past the gateways and without mutual TLS: told apart by pods' labels",
        instead: "TLS of the application's own, or a sidecar in front of the service",
      },
    ];
  }
  const originated = isOriginated(target, { protocol: "http", port: defaultPort("http") });
  const http = protocolsOf(target).includes("http") && !originated;
  return [
    ...(http
      ? [
          {
            way: "http",
            ...plain(heldTo(target.config)),
            instead: "protocols: [https], or originate, by which the gateway opens TLS",
          },
        ]
      : []),
    ...connectPorts(target)
      .filter(({ protocol }) => protocol !== "https")
      .map((port) =>
        port.protocol === "http"
          ? { way: portText(port), ...plain(heldTo(target.config)), instead: "a port on which the host speaks TLS" }
          : {
              way: portText(port),
              kind: "unknown" as const,
              why: "bytes that nobody looks at: whether they are encrypted is between the application and the host",
              instead: "TLS of the application's own, which its settings show",
            },
      ),
  ];
}

function usesByWay(config: StackConfig, counted: readonly CountedCall[]): Map<string, CountedCall[]> {
  const standingOf = standings(config);
  const { targets, way } = grantsOf(config);
  const uses = new Map<string, CountedCall[]>();
  for (const call of counted) {
    const standing = call.outcome === "refused" || call.outcome === "unclear" ? undefined : standingOf(call);
    const target = standing?.kind === "granted" ? targets.get(standing.rule.to) : undefined;
    const taken = standing?.kind === "granted" && target !== undefined ? way(target, standing.place) : undefined;
    if (taken !== undefined) {
      const own = taken.protocol !== "tcp" && taken.port === defaultPort(taken.protocol);
      const key = `${target!.name} ${own ? taken.protocol : portText(taken)}`;
      const earlier = uses.get(key) ?? [];
      uses.set(key, earlier);
      earlier.push(call);
    }
  }
  return uses;
}

/** Refused calls that are listed at most. */
const mostRefused = 1000;

/** Recorded calls that were refused, by caller and what was called, the most frequent first. */
export function refusedCalls(config: StackConfig, counted: readonly CountedCall[]): Evidence["refused"] {
  const standingOf = standings(config);
  const refused = counted.filter(({ outcome }) => outcome === "refused");
  const byCall = groupedBy(refused, (call) => {
    const standing = standingOf(call);
    return `${standing.kind === "left" ? standing.from : standing.place.from}\n${callUrl(call)}`;
  });
  return [...byCall]
    .map(([key, calls]) => {
      const [from, url] = key.split("\n") as [string, string];
      const { last, ...sum } = useOf(together(calls));
      return { from, url, calls: sum.calls, last };
    })
    .sort((a, b) => b.calls - a.calls)
    .slice(0, mostRefused);
}

/** A count of calls in the form of the report. */
export function useOf({ calls, first, last }: Pick<CountedCall, "calls" | "first" | "last">): Use {
  const iso = (moment: number | undefined) => (moment === undefined ? null : new Date(moment).toISOString());
  return { calls, first: iso(first), last: iso(last) };
}

/** Rules whose last day is over. */
export function expiredRows({ expired }: StackConfig): Evidence["expired"] {
  return expired.map(({ path, from, to, expires, owner, reason }: AllowRule & { expires: string }) => ({
    ...{ rule: path, from, to, expires },
    ...{ owner: owner ?? null, reason: reason ?? null },
  }));
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
