import { child, count, JsonObject, list, text, valueAt } from "../../json";
import { Cluster } from "../cluster";

/** Whether an object is up, and if not, what is missing. */
export interface Verdict {
  ready: boolean;
  /** What is missing, such as `1 of 2 replicas are available`. */
  missing: string;
  /** Set when waiting any longer is of no use. */
  hopeless?: boolean;
}

export const ready: Verdict = { ready: true, missing: "" };

export function waiting(missing: string): Verdict {
  return { ready: false, missing };
}

export function hopeless(missing: string): Verdict {
  return { ready: false, missing, hopeless: true };
}

/** Whether the controller has seen the object as it is now, so that its status speaks of it. */
export function isObserved(live: JsonObject): boolean {
  return (count(live, "status", "observedGeneration") ?? 0) >= (count(live, "metadata", "generation") ?? 0);
}

/** The condition of a type, or an empty object. */
export function condition(live: JsonObject, type: string): JsonObject {
  return child(list(live, "status", "conditions").find((entry) => text(entry, "type") === type));
}

export function isTrue(live: JsonObject, type: string): boolean {
  return text(condition(live, type), "status") === "True";
}

/** `Reason: message` of a condition. */
export function reasonOf(found: JsonObject): string {
  return [text(found, "reason"), text(found, "message")].filter(Boolean).join(": ");
}

/** A Deployment is up when all replicas are of the newest template and available, and older ones are gone. */
export function deployment(live: JsonObject): Verdict {
  if (valueAt(live, ["spec", "paused"]) === true) {
    return ready;
  }
  if (!isObserved(live)) {
    return waiting("the deployment controller has not seen it yet");
  }
  const progressing = condition(live, "Progressing");
  if (text(progressing, "reason") === "ProgressDeadlineExceeded") {
    return hopeless(reasonOf(progressing));
  }
  const wanted = count(live, "spec", "replicas") ?? 1;
  const updated = count(live, "status", "updatedReplicas") ?? 0;
  const available = count(live, "status", "availableReplicas") ?? 0;
  const older = (count(live, "status", "replicas") ?? 0) - updated;
  if (updated < wanted) {
    return waiting(`${updated} of ${wanted} replicas are made`);
  }
  if (older > 0) {
    return waiting(`${older} replicas of an older template are still there`);
  }
  return available < wanted ? waiting(`${available} of ${wanted} replicas are available`) : ready;
}

/** A StatefulSet is up when its pods are ready and, unless they are updated by hand, of the newest template. */
export function statefulSet(live: JsonObject): Verdict {
  if (!isObserved(live)) {
    return waiting("the StatefulSet controller has not seen it yet");
  }
  const wanted = count(live, "spec", "replicas") ?? 1;
  const readyPods = count(live, "status", "readyReplicas") ?? 0;
  if (readyPods < wanted) {
    return waiting(`${readyPods} of ${wanted} pods are ready`);
  }
  const byHand = text(live, "spec", "updateStrategy", "type") === "OnDelete";
  const kept = count(live, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
  const rolled = text(live, "status", "currentRevision") === text(live, "status", "updateRevision");
  const updated = rolled ? readyPods : (count(live, "status", "updatedReplicas") ?? 0);
  const due = Math.max(0, wanted - kept);
  return byHand || updated >= due ? ready : waiting(`${updated} of ${due} pods are of the newest template`);
}

/** A DaemonSet is up when its pod is available on every node meant for it and, unless updated by hand, of the newest template. */
export function daemonSet(live: JsonObject): Verdict {
  if (!isObserved(live)) {
    return waiting("the DaemonSet controller has not seen it yet");
  }
  const wanted = count(live, "status", "desiredNumberScheduled") ?? 0;
  const updated = count(live, "status", "updatedNumberScheduled") ?? 0;
  const available = count(live, "status", "numberAvailable") ?? 0;
  const byHand = text(live, "spec", "updateStrategy", "type") === "OnDelete";
  if (!byHand && updated < wanted) {
    return waiting(`${updated} of ${wanted} nodes have a pod of the newest template`);
  }
  return available < wanted ? waiting(`${available} of ${wanted} nodes have an available pod`) : ready;
}

/** A Pod is up when it is ready or has done its work. */
export function pod(live: JsonObject): Verdict {
  const phase = text(live, "status", "phase") ?? "Pending";
  if (phase === "Failed") {
    return hopeless(
      ["the pod failed", text(live, "status", "reason"), text(live, "status", "message")].filter(Boolean).join(": "),
    );
  }
  return phase === "Succeeded" || isTrue(live, "Ready") ? ready : waiting(`the pod is ${phase} and not ready`);
}

/** A Job is up when it has completed; one that is suspended is left alone. */
export function job(live: JsonObject): Verdict {
  if (valueAt(live, ["spec", "suspend"]) === true || isTrue(live, "Complete")) {
    return ready;
  }
  if (isTrue(live, "Failed")) {
    return hopeless(`the job failed: ${reasonOf(condition(live, "Failed"))}`);
  }
  return waiting(
    `${count(live, "status", "succeeded") ?? 0} of ${count(live, "spec", "completions") ?? 1} completions`,
  );
}

export function namespace(live: JsonObject): Verdict {
  const phase = text(live, "status", "phase") ?? "unknown";
  return phase === "Active" ? ready : waiting(`its phase is ${phase}`);
}

/** Only a load balancer's address comes from outside; any other Service works as soon as it exists. */
export function service(live: JsonObject): Verdict {
  const balanced = text(live, "spec", "type") === "LoadBalancer";
  return balanced && list(live, "status", "loadBalancer", "ingress").length === 0
    ? waiting("its load balancer has no address yet")
    : ready;
}

/** A definition is up when its names are accepted and discovery shows the kind, so that custom resources can be made. */
export async function customResourceDefinition(live: JsonObject, { discovery }: Cluster): Promise<Verdict> {
  const names = condition(live, "NamesAccepted");
  if (text(names, "status") === "False") {
    return waiting(`its names are not accepted: ${reasonOf(names)}`);
  }
  if (!isTrue(live, "Established")) {
    return waiting("it is not established yet");
  }
  const group = text(live, "spec", "group") ?? "";
  const kind = text(live, "spec", "names", "kind") ?? "";
  for (const version of list(live, "spec", "versions")) {
    const apiVersion = `${group}/${text(version, "name")}`;
    if (valueAt(version, ["served"]) === true && (await discovery.find(apiVersion, kind)) === undefined) {
      return waiting(`the API server does not serve ${kind} in ${apiVersion} yet`);
    }
  }
  return ready;
}
