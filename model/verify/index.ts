/**
 * What is tried on a live cluster to see that a stack's guard holds: which pods are made for it, which calls they make, each
 * beside a granted one, and what the answers show. Pure: making pods and calls is the caller's.
 */
import { openIn } from "../config/adoption";
import { StackConfig, WorkloadConfig } from "../config/types";
import { grantsOf } from "../grants";
import { sortedBy } from "../ground/order";
import { workloadKey } from "../ground/names";
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
  for (const workload of sortedBy(config.workloads, workloadKey)) {
    const key = workloadKey(workload);
    if (from !== undefined && !from.has(key)) {
      continue;
    }
    const because = notVerified(config, workload);
    const calls = because === undefined ? callsOf(config, key) : undefined;
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
  const namespaces = config.workloads
    .filter((workload) => plans.some((plan) => plan.from === workloadKey(workload)))
    .map(({ namespace }) => namespace);
  return { workloads: plans, left, ...dryRunsOf(config, namespaces, run) };
}

/** Why a workload is refused nothing yet, so that there is nothing to verify. */
function notVerified(config: StackConfig, workload: WorkloadConfig): string | undefined {
  if (grantsOf(config).observed.has(workloadKey(workload))) {
    return "it is observed, and refused nothing";
  }
  const namespace = config.namespaces.find(({ name }) => name === workload.namespace);
  return namespace === undefined ? undefined : openIn(namespace);
}
