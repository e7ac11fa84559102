/**
 * The evidence on a stack: what its configuration opens and who answers for it, what was seen of it, and which control
 * each part serves. Pure: reading the cluster, records and git is the caller's.
 */
import { gatewaysOf } from "../config/gateway-of";
import { StackConfig } from "../config/types";
import { reportOf } from "../config/traits/told";
import { denyText } from "../config/denied";
import { grantsOf, spokenTo } from "../grants";
import { groupedBy } from "../ground/order";
import { CountedCall, together } from "../traffic";
import { controlRows, summaryOfRules } from "./controls";
import { limitsOf } from "./limits";
import { expiredRows, insecureWays, refusedCalls, ruleRows, useOf } from "./rules";
import { Evidence } from "./schema";

export { controlSources } from "./controls";
export { isReviewed } from "./rules";
export * from "./schema";

/** What a report is made of beside the configuration. */
export interface Found extends Pick<
  Evidence,
  "stack" | "live" | "inputs" | "source" | "matrix" | "ingress" | "changes" | "cluster" | "picture"
> {
  now: Date;
  /** Recorded calls, and where they were read. @default none were */
  recorded?: { from: string; calls: readonly CountedCall[] };
}

/** All of a report. */
export function evidenceOf(config: StackConfig, { now, recorded, ...found }: Found): Evidence {
  const { targets } = grantsOf(config);
  const calls = recorded?.calls;
  const rules = ruleRows(config, now, calls);
  const rulesTo = groupedBy(config.allow, ({ to }) => to);
  const refused = calls?.filter(({ outcome }) => outcome === "refused");
  const destinations = [...targets.values()].flatMap((target) =>
    target.kind === "destination"
      ? [
          {
            ...{ name: target.name, gateway: target.gateway, hosts: [...target.hosts], ways: spokenTo(target) },
            rules: rulesTo.get(target.name)?.length ?? 0,
            ...reportOf(target.config),
          },
        ]
      : [],
  );
  const expired = expiredRows(config);
  const parts: Omit<Evidence, "controls"> = {
    format: "istio-egress-report/1",
    made: now.toISOString(),
    ...found,
    summary: {
      workloads: config.workloads.length,
      destinations: destinations.length,
      hosts: destinations.reduce((sum, { hosts }) => sum + hosts.length, 0),
      gateways: gatewaysOf(config).length,
      ...summaryOfRules(rules, now),
      expired: expired.length,
    },
    rules,
    expired,
    destinations,
    denied: config.deny.map(denyText),
    insecure: insecureWays(config, calls),
    usage:
      recorded === undefined
        ? null
        : {
            ...{ from: recorded.from, ...useOf(together(recorded.calls)) },
            refused: refused!.reduce((sum, call) => sum + call.calls, 0),
          },
    refused: calls === undefined ? [] : refusedCalls(config, calls),
    limits: limitsOf(config),
  };
  return { ...parts, controls: controlRows(parts) };
}
