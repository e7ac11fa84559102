import { StackConfig } from "../config/types";
import { sortedUnique } from "../ground/order";
import { workloadKey } from "../ground/workload-key";
import { grantChanges } from "./grants";
import { settingChanges } from "./settings";
import { Presence, StackDiff } from "./types";

export { gainedProtocols, GrantGroup, groupGrants } from "./grants";
export { RiskNote, riskNotes } from "./risks";
export * from "./types";

/**
 * What tells two configurations of one stack apart. It compares what they mean, not how they are written: order,
 * quotes, defaults that are spelled out, and destinations that nobody is allowed make no difference.
 * `diffStacks(b, a)` is `diffStacks(a, b)` with the sides exchanged.
 */
export function diffStacks(before: StackConfig, after: StackConfig): StackDiff {
  const names = (config: StackConfig) => config.namespaces.map(({ name }) => name);
  return {
    grants: grantChanges(before, after),
    denied: presences(before.deny, after.deny),
    namespaces: presences(names(before), names(after)),
    workloads: presences(before.workloads.map(workloadKey), after.workloads.map(workloadKey)),
    settings: settingChanges(before, after),
  };
}

/** Whether the two configurations mean the same. */
export function isEmptyDiff(diff: StackDiff): boolean {
  return Object.values(diff).every((changes: unknown[]) => changes.length === 0);
}

function presences(before: string[], after: string[]): Presence[] {
  const [old, now] = [new Set(before), new Set(after)];
  return sortedUnique([...before, ...after])
    .filter((name) => old.has(name) !== now.has(name))
    .map((name) => ({ name, change: now.has(name) ? "added" : "removed" }));
}
