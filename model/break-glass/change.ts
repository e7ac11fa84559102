import { plannedObjects } from "../doctor";
import { StackConfig } from "../config/types";
import { Manifest, manifestKey } from "../ground/manifest";
import { sortedBy } from "../ground/order";
import { planStack } from "../plan/stack";

/** An object that differs between two configurations; absent on the side that does not have it. */
export interface ObjectChange {
  /** `Kind/namespace/name` */
  key: string;
  before?: Manifest;
  after?: Manifest;
}

/**
 * Kinds that may change, in the order in which more is granted: who may run as the workload, and that it ends, is said before
 * it is allowed. Less is granted in the order that is the other way round. What needs other kinds, such as pods, takes an update of the stack.
 */
const inOrder = [
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "EnvoyFilter",
  "ServiceEntry",
  "DestinationRule",
  "VirtualService",
  "AuthorizationPolicy",
  "Sidecar",
] as const;

/** The objects by which a stack's configuration becomes another one, in the order in which they are to be applied. */
export function objectChanges(before: StackConfig, after: StackConfig): ObjectChange[] {
  const [was, is] = [before, after].map(
    (config) =>
      new Map(
        plannedObjects(planStack(config))
          // Access for some hours needs no alert days before it ends.
          .filter(({ kind }) => kind !== "PrometheusRule")
          .map((manifest) => [manifestKey(manifest), manifest]),
      ),
  ) as [Map<string, Manifest>, Map<string, Manifest>];
  const changes = [...new Set([...was.keys(), ...is.keys()])].flatMap((key): ObjectChange[] => {
    const [old, now] = [was.get(key), is.get(key)];
    return JSON.stringify(old) === JSON.stringify(now)
      ? []
      : [{ key, ...(old && { before: old }), ...(now && { after: now }) }];
  });
  const rank = ({ key }: ObjectChange) => `${inOrder.findIndex((kind) => key.startsWith(`${kind}/`))} ${key}`;
  const ordered = sortedBy(changes, rank);
  const isLess = changes.some(({ before: old, after: now }) => old !== undefined && now === undefined);
  return isLess ? ordered.reverse() : ordered;
}

/** The keys of changes that take an update of the stack. */
export function beyondReach(changes: readonly ObjectChange[]): string[] {
  return changes.map(({ key }) => key).filter((key) => !inOrder.some((kind) => key.startsWith(`${kind}/`)));
}
