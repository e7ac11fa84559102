import { z } from "zod";
import { AllowRule, DestinationConfig, StackConfig } from "../config/types";
import { denials } from "../config/denied";
import { grantsOf } from "../grants";
import { breakGlassLabel, hashedName } from "../ground/names";
import { commonLabels } from "../ground/labels";
import { Manifest } from "../ground/manifest";
import { sortedBy } from "../ground/order";

export { breakGlassLabel };

/** Access that somebody took beside the stack's file, for some hours and with a reason: what its ConfigMap says. */
const schema = z.object({
  /** `namespace/workload` */
  from: z.string(),
  host: z.string(),
  /** The moment at which it ends, `YYYY-MM-DDTHH:MM:SSZ`. */
  until: z.string(),
  reason: z.string(),
  owner: z.string().optional(),
  /** The moment at which it was taken. */
  taken: z.string(),
  /** The user that the API server knew who took it by. */
  by: z.string().optional(),
  /** Objects that are there for it only, as `Kind/namespace/name`. */
  objects: z.array(z.string()),
});

export type BreakGlass = z.output<typeof schema> & {
  /** Name of its ConfigMap, and what stands in the place of a rule's path. */
  name: string;
};

/** One workload's access to one host has one name, so that to take it again is to take it for longer. */
export function breakGlassName(from: string, host: string): string {
  return hashedName("break-glass", `${from} ${host}`);
}

/** The destination of a host that no destination has; workloads share it. */
export function breakGlassDestination(host: string): string {
  return hashedName("break-glass-to", host);
}

/** The ConfigMap by which every reader of the cluster knows of it. */
export function breakGlassObject({ name, ...record }: BreakGlass, stack: string, namespace: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels: { ...commonLabels(), [breakGlassLabel]: stack } },
    data: { "break-glass.json": JSON.stringify(record, undefined, 2) },
  };
}

/** Reads such a ConfigMap; undefined for one that somebody has written otherwise. */
export function readBreakGlass(object: {
  metadata: { name: string };
  data?: Record<string, string>;
}): BreakGlass | undefined {
  try {
    const read = schema.safeParse(JSON.parse(object.data?.["break-glass.json"] ?? ""));
    return read.success ? { name: object.metadata.name, ...read.data } : undefined;
  } catch {
    return undefined;
  }
}

export function isOver({ until }: Pick<BreakGlass, "until">, now: Date): boolean {
  return Date.parse(until) <= now.getTime();
}

/**
 * A configuration with the access that is taken beside it: each as a rule, with a destination of its own where the host has
 * none. What is over is among the rules that have expired. Left out is what the configuration now grants itself, or what
 * it could not: access of workloads that are gone, and to hosts that are denied.
 *
 * @param now decides what is over @default nothing is: what is on the cluster until somebody removes it
 */
export function withBreakGlass(config: StackConfig, records: readonly BreakGlass[], now?: Date): StackConfig {
  const { workloads, meaning, between } = grantsOf(config);
  const isDenied = denials(config.deny);
  const destinations = new Map<string, DestinationConfig>();
  const rules: (AllowRule & { expires: string })[] = [];
  for (const { name, from, host, until, reason, owner } of sortedBy(records, (record) => record.name)) {
    const meant = meaning(host);
    if (
      !workloads.has(from) ||
      isDenied(host).length > 0 ||
      (meant.kind !== "destination" && meant.kind !== "unknown")
    ) {
      continue;
    }
    const to = meant.kind === "destination" ? meant.target.name : breakGlassDestination(host);
    if (meant.kind === "destination" && between(from, to) !== undefined) {
      continue;
    }
    if (meant.kind === "unknown") {
      destinations.set(to, { name: to, hosts: [host], protocols: ["http", "https"], ports: [] });
    }
    rules.push({ from, to, ...(owner === undefined ? {} : { owner }), reason, expires: until, path: name });
  }
  if (rules.length === 0) {
    return config;
  }
  const over = (rule: { expires: string }) => now !== undefined && isOver({ until: rule.expires }, now);
  const byEdge = ({ from, to }: AllowRule) => `${from} → ${to}`;
  // Of one edge several hosts may be asked for: one rule holds them, the one that lasts longest.
  const lasting = new Map(
    sortedBy(
      rules.filter((rule) => !over(rule)),
      ({ expires }) => expires,
    ).map((rule) => [byEdge(rule), rule]),
  );
  return {
    ...config,
    destinations: sortedBy([...config.destinations, ...destinations.values()], ({ name }) => name),
    allow: sortedBy([...config.allow, ...lasting.values()], byEdge),
    expired: sortedBy([...config.expired, ...rules.filter(over)], byEdge),
  };
}
