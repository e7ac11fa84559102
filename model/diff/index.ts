import { StackConfig } from "../config/types";
import { workloadKey } from "../ground/names";
import { callerChanges } from "./callers";
import { denyChanges } from "./denied";
import { grantChanges } from "./grants";
import { presences } from "./presences";
import { settingChanges } from "./settings";
import { StackDiff } from "./types";

export { hasMorePorts } from "./callers";
export { gainedProtocols, GrantGroup, groupGrants } from "./grants";
export { riskNotes } from "./risks";
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
    callers: callerChanges(before, after),
    denied: denyChanges(before, after),
    namespaces: presences(names(before), names(after)),
    workloads: presences(before.workloads.map(workloadKey), after.workloads.map(workloadKey)),
    settings: settingChanges(before, after),
  };
}

/** Whether the two configurations mean the same. */
export function isEmptyDiff(diff: StackDiff): boolean {
  return Object.values(diff).every((changes: unknown[]) => changes.length === 0);
}
