import { Cluster } from "../cluster";
import { Json, JsonObject, child, isObject, list, text } from "../../json";
import { condition, isTrue, reasonOf } from "./verdict";

/** Pods of which a report tells; the others of a workload usually suffer from the same. */
const podsTold = 3;

/** Why a workload does not come up, as far as its conditions, its pods and the events tell. */
export async function troublesOf(cluster: Cluster, live: JsonObject): Promise<string[]> {
  const failure = condition(live, "ReplicaFailure");
  const own = text(failure, "status") === "True" ? [reasonOf(failure)] : [];
  const selector = selectorText(child(live, "spec", "selector"));
  const pods = live["kind"] === "Pod" ? [live] : selector === "" ? [] : await podsOf(cluster, live, selector);
  const troubled = pods.filter((pod) => !isTrue(child(pod), "Ready")).slice(0, podsTold);
  const told = await Promise.all(troubled.map((pod) => podTrouble(cluster, child(pod))));
  const found = [...own, ...told];
  return found.length > 0 ? found : eventText(await lastWarning(cluster, live));
}

function eventText(event: string | undefined): string[] {
  return event === undefined ? [] : [`last event: ${event}`];
}

async function podsOf(cluster: Cluster, live: JsonObject, labelSelector: string): Promise<Json[]> {
  const namespace = text(live, "metadata", "namespace") ?? "default";
  const path = `/api/v1/namespaces/${namespace}/pods`;
  return list(await cluster.client.request({ method: "GET", path, query: { labelSelector } }), "items");
}

/** One pod's trouble in a line: its containers' states, or why it has no node, and the last warning about it. */
async function podTrouble(cluster: Cluster, pod: JsonObject): Promise<string> {
  const states = [...list(pod, "status", "initContainerStatuses"), ...list(pod, "status", "containerStatuses")];
  const scheduled = condition(pod, "PodScheduled");
  const unscheduled = text(scheduled, "status") === "False" ? [reasonOf(scheduled)] : [];
  const parts = [...unscheduled, ...states.flatMap(containerTrouble)];
  const phase = text(pod, "status", "phase") ?? "Pending";
  const event = eventText(await lastWarning(cluster, pod));
  return `pod ${text(pod, "metadata", "name")}: ${[...(parts.length > 0 ? parts : [phase]), ...event].join("; ")}`;
}

function containerTrouble(status: Json): string[] {
  const waiting = child(status, "state", "waiting");
  const ended = [child(status, "state", "terminated"), child(status, "lastState", "terminated")].find(
    (state) => "exitCode" in state && state["exitCode"] !== 0,
  );
  const reasons = [
    reasonOf(waiting),
    ended && `ended with exit code ${String(ended["exitCode"])} (${reasonOf(ended)})`,
  ];
  const said = reasons.filter(Boolean).join(", ");
  if (said !== "") {
    return [`container ${text(status, "name")}: ${said}`];
  }
  const running = isObject(status) && "running" in child(status, "state") && status["ready"] === false;
  return running ? [`container ${text(status, "name")}: runs, but is not ready`] : [];
}

async function lastWarning(cluster: Cluster, live: JsonObject): Promise<string | undefined> {
  const namespace = text(live, "metadata", "namespace") ?? "default";
  const name = text(live, "metadata", "name") ?? "";
  const fieldSelector = `involvedObject.kind=${text(live, "kind") ?? "Pod"},involvedObject.name=${name},type=Warning`;
  const path = `/api/v1/namespaces/${namespace}/events`;
  const events = list(await cluster.client.request({ method: "GET", path, query: { fieldSelector } }), "items");
  const newest = events.sort((a, b) => timeOf(a).localeCompare(timeOf(b))).at(-1);
  return newest === undefined ? undefined : reasonOf(child(newest));
}

function timeOf(event: Json): string {
  return text(event, "lastTimestamp") ?? text(event, "eventTime") ?? text(event, "metadata", "creationTimestamp") ?? "";
}

/** A label selector as the API takes it in a query. */
export function selectorText(selector: JsonObject): string {
  const equal = Object.entries(child(selector, "matchLabels")).map(([key, value]) => `${key}=${String(value)}`);
  const expressions = list(selector, "matchExpressions").map((expression) => {
    const key = text(expression, "key") ?? "";
    const values = list(expression, "values").map(String).join(",");
    const forms: Record<string, string> = {
      In: `${key} in (${values})`,
      NotIn: `${key} notin (${values})`,
      Exists: key,
      DoesNotExist: `!${key}`,
    };
    return forms[text(expression, "operator") ?? ""] ?? key;
  });
  return [...equal, ...expressions].join(",");
}
