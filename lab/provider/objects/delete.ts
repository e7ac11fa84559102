import { Cluster, pause } from "../cluster";
import { refusal } from "./refusal";
import { LabError } from "../../errors";
import { JsonObject, list, text } from "../../json";
import { DeleteRequest } from "../resource";
import { progressOf } from "../rpc/engine";
import { groupOf } from "../../kubernetes/discovery";
import { pollInterval } from "../await/wait";
import { annotation, timeoutOf } from "./metadata";
import { Reference, locate, titleOf } from "./reference";
import { get, remove } from "./requests";

/** Deletes the object and waits until it is gone. One that is gone already, or whose kind is, is fine. */
export async function deleteObject(cluster: Cluster, request: DeleteRequest): Promise<void> {
  const { inputs, id, urn } = request;
  const reference = await locate(cluster, id, text(inputs, "apiVersion") ?? "", text(inputs, "kind") ?? "");
  if (reference === undefined) {
    return;
  }
  try {
    const left = await remove(cluster, reference, propagationPolicy(inputs));
    if (left !== undefined && annotation(inputs, "skipAwait") !== "true") {
      await disappear(cluster, reference, left, timeoutOf(inputs, request.timeout), progressOf(cluster.log, urn));
    }
  } catch (error) {
    throw refusal(error, titleOf(reference));
  }
}

/**
 * Workloads go after the pods that they own, so that nothing runs on once they are gone. Other objects rarely own
 * anything, and waiting for the garbage collector would only cost time.
 */
function propagationPolicy(inputs: JsonObject): string {
  const owner = ["apps", "batch"].includes(groupOf(text(inputs, "apiVersion") ?? ""));
  return annotation(inputs, "deletionPropagationPolicy") ?? (owner ? "Foreground" : "Background");
}

async function disappear(
  cluster: Cluster,
  reference: Reference,
  deleted: JsonObject,
  seconds: number,
  progress: (message: string) => void,
): Promise<void> {
  const started = Date.now();
  for (let left: JsonObject | undefined = deleted; isSame(left, deleted); left = await get(cluster, reference)) {
    const elapsed = Date.now() - started;
    if (elapsed > seconds * 1000) {
      throw new LabError(`${titleOf(reference)} is not gone after ${seconds} s: ${holdup(left)}`);
    }
    if (elapsed > 2_000) {
      progress(`waiting for its end: ${holdup(left)}`);
    }
    await pause(pollInterval(elapsed), cluster.signal);
  }
}

/** Whether it is still there, and not another one by the same name. */
function isSame(left: JsonObject | undefined, deleted: JsonObject): left is JsonObject {
  return left !== undefined && text(left, "metadata", "uid") === text(deleted, "metadata", "uid");
}

/** Why it is still there: what a namespace says of its contents, or the finalizers. */
function holdup(left: JsonObject): string {
  const said = list(left, "status", "conditions")
    .filter((condition) => text(condition, "status") === "True" && text(condition, "type")?.startsWith("Namespace"))
    .map((condition) => text(condition, "message") ?? "");
  const finalizers = [...list(left, "metadata", "finalizers"), ...list(left, "spec", "finalizers")].join(", ");
  const held = finalizers === "" ? "its grace period is not over" : `finalizers ${finalizers} hold it`;
  return said.length > 0 ? said.join("; ") : held;
}
