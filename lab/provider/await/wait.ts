import { Cluster, pause } from "../cluster";
import { JsonObject } from "../../json";
import { Reference, titleOf } from "../objects/reference";
import { get } from "../objects/requests";
import { groupOf } from "../../kubernetes/discovery";
import {
  customResourceDefinition,
  daemonSet,
  deployment,
  job,
  namespace,
  pod,
  service,
  statefulSet,
  Verdict,
} from "./verdict";
import { troublesOf } from "./troubles";

/** By kind and group: what an object must come to before what depends on it may follow. All other kinds are up once they exist. */
const rules: Record<string, (live: JsonObject, cluster: Cluster) => Verdict | Promise<Verdict>> = {
  "Deployment.apps": deployment,
  "StatefulSet.apps": statefulSet,
  "DaemonSet.apps": daemonSet,
  "Job.batch": job,
  "Pod.": pod,
  "Service.": service,
  "Namespace.": namespace,
  "CustomResourceDefinition.apiextensions.k8s.io": customResourceDefinition,
};

/** The object did not come up; `live` is how it was seen last. */
export class NotReadyError extends Error {
  constructor(
    readonly live: JsonObject,
    readonly reasons: string[],
  ) {
    super(reasons.join("; "));
  }
}

export interface WaitOptions {
  /** How long to wait. */
  seconds: number;
  /** Is told what is still missing. */
  progress: (message: string) => void;
}

/** Milliseconds to the next look at an object for which we have waited `elapsed` milliseconds. */
export function pollInterval(elapsed: number): number {
  if (elapsed < 1_000) {
    return 100;
  }
  return elapsed < 60_000 ? 250 : 1_000;
}

/**
 * Waits until the object is up.
 * @param live the object as it was applied
 * @returns the object as it is then
 * @throws NotReadyError when time is over or waiting is of no use, with the pods' own reasons; CancelledError
 */
export async function becomeReady(
  cluster: Cluster,
  reference: Reference,
  live: JsonObject,
  { seconds, progress }: WaitOptions,
): Promise<JsonObject> {
  const rule = rules[`${reference.kind.kind}.${groupOf(reference.kind.apiVersion)}`];
  if (rule === undefined) {
    return live;
  }
  const started = Date.now();
  for (let latest: JsonObject | undefined = live; ; latest = await get(cluster, reference)) {
    if (latest === undefined) {
      throw new NotReadyError(live, [`${titleOf(reference)} was deleted while we waited for it.`]);
    }
    const verdict = await rule(latest, cluster);
    const elapsed = Date.now() - started;
    if (verdict.ready) {
      return latest;
    }
    if (verdict.hopeless || elapsed > seconds * 1000) {
      const after = verdict.hopeless ? "cannot come up" : `is not ready after ${seconds} s`;
      const troubles = await troublesOf(cluster, latest);
      throw new NotReadyError(latest, [[`${titleOf(reference)} ${after}: ${verdict.missing}`, ...troubles].join("; ")]);
    }
    progress(verdict.missing);
    await pause(pollInterval(elapsed), cluster.signal);
  }
}
