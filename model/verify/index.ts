/**
 * What is tried on a live cluster to see that a stack's guard holds: which pods are made for it, which calls they make, each
 * beside a granted one, and what the answers show. Pure: making pods and calls is the caller's.
 */
import { openIn } from "../config/adoption";
import { StackConfig, WorkloadConfig } from "../config/types";
import { grantsOf } from "../grants";
import { Manifest } from "../ground/manifest";
import { namespaceOf, workloadKey } from "../ground/names";
import { groupedBy, sortedBy } from "../ground/order";
import { verdicts } from "../verdict";
import { callsOf } from "./calls";
import { dryRunsOf } from "./dry-runs";
import { Run, verifyJob } from "./pods";
import { VerifyPlan, WorkloadPlan } from "./types";

export { connectTimeout, type Outcome, outcomeOf, rowOf } from "./judge";
export { deadline, type Run, verifyContainer, verifyLabel } from "./pods";
export type { Attempt, By, Call, DryRun, Known, Row, Told, Twin, VerifyPlan, WorkloadPlan } from "./types";

/** @param from keys of the workloads that are verified @default all */
export function planVerify(config: StackConfig, run: Run, from?: ReadonlySet<string>): VerifyPlan {
  const plans: WorkloadPlan[] = [];
  const left: VerifyPlan["left"] = [];
  const verdictsOn = groupedBy(verdicts(config), ({ from: caller }) => caller);
  for (const workload of sortedBy(config.workloads, workloadKey)) {
    const key = workloadKey(workload);
    if (from !== undefined && !from.has(key)) {
      continue;
    }
    const because = notVerified(config, workload);
    const calls = because === undefined ? callsOf(config, key, verdictsOn.get(key) ?? []) : undefined;
    if (calls === undefined) {
      left.push({
        from: key,
        because: because ?? "it is granted no host by its name, so that nothing would show that a probe works",
      });
      continue;
    }
    const needsImpostor = calls.attempts.some(({ by }) => by === "impostor") && workload.serviceAccount !== "default";
    plans.push({
      from: key,
      pods: {
        workload: verifyJob(config, workload, "workload", run),
        impostor: needsImpostor ? verifyJob(config, workload, "impostor", run) : undefined,
      },
      ...calls,
      attempts: needsImpostor ? calls.attempts : calls.attempts.filter(({ by }) => by !== "impostor"),
    });
  }
  const namespaces = plans.map(({ from: key }) => namespaceOf(key));
  return { workloads: plans, left, ...dryRunsOf(config, namespaces, run) };
}

/** Every Job that is made for a plan. */
export function jobsOf({ workloads }: VerifyPlan): Manifest[] {
  return workloads.flatMap(({ pods }) => [pods.workload, pods.impostor].flatMap((job) => job ?? []));
}

/** Why a workload is refused nothing yet, so that there is nothing to verify. */
function notVerified(config: StackConfig, workload: WorkloadConfig): string | undefined {
  if (grantsOf(config).observed.has(workloadKey(workload))) {
    return "it is observed, and refused nothing";
  }
  const namespace = config.namespaces.find(({ name }) => name === workload.namespace);
  return namespace === undefined ? undefined : openIn(namespace);
}
