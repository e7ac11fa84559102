import { meshTraits } from "../config/mesh-traits";
import { StackConfig } from "../config/types";
import { namespaceKey, spiffeId, workloadKey } from "../ground/names";

/** Whose an identity is, in the terms of the stack's rules. */
export interface Caller {
  /** `namespace/workload`; `namespace/*` for a ServiceAccount of a guarded namespace that no workload has. */
  client: string;
  /** Whether the stack has a workload for it. */
  isWorkload: boolean;
}

/**
 * Reads SPIFFE IDs as a stack sees them: a rule for a whole namespace, and observing one, is of ServiceAccounts too that no
 * workload has. Undefined for an identity of another namespace, or of another trust domain.
 */
export function callersOf({ mesh, workloads, namespaces }: StackConfig): (identity: string) => Caller | undefined {
  const traits = meshTraits(mesh);
  const known = new Map(
    workloads.map((workload) => [
      spiffeId(traits, workload.namespace, workload.serviceAccount),
      { client: workloadKey(workload), isWorkload: true },
    ]),
  );
  const homes = new Map(
    namespaces.map(({ name }) => [spiffeId(traits, name, ""), { client: namespaceKey(name), isWorkload: false }]),
  );
  return (identity) => {
    const account = identity.lastIndexOf("/") + 1;
    return known.get(identity) ?? (account === identity.length ? undefined : homes.get(identity.slice(0, account)));
  };
}
