import { Cluster, pause } from "../cluster";
import { ResourceKind } from "../../kubernetes/discovery";
import { isPassing } from "./refusal";
import { LabError } from "../../errors";
import { JsonObject, text } from "../../json";

/**
 * How long to put up with what is not there yet, in milliseconds: a kind whose definition is just being made, a
 * namespace, a webhook whose pods come up. Such things are often made by the same program, at the same time.
 */
export const patience = 10_000;
const interval = 250;

/** Repeats an action while it fails for a passing reason. */
export async function patiently<T>(cluster: Cluster, action: () => Promise<T>): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!isPassing(error) || Date.now() > end) {
        throw error;
      }
    }
    await pause(interval, cluster.signal);
  }
}

/**
 * How the API serves the kind that the inputs name, waiting a while for a kind that it does not serve yet.
 * @throws LabError when it still does not
 */
export async function servedKind(cluster: Cluster, inputs: JsonObject): Promise<ResourceKind> {
  const apiVersion = text(inputs, "apiVersion") ?? "";
  const kind = text(inputs, "kind") ?? "";
  const end = Date.now() + patience;
  for (;;) {
    const served = await cluster.discovery.find(apiVersion, kind);
    if (served !== undefined) {
      return served;
    }
    if (Date.now() > end) {
      throw missingKind(cluster, apiVersion, kind);
    }
    await pause(interval, cluster.signal);
  }
}

function missingKind({ client, discovery }: Cluster, apiVersion: string, kind: string): LabError {
  const others = discovery.otherVersions(apiVersion, kind);
  const hint =
    others.length > 0
      ? `It serves ${kind} as ${others.join(", ")}.`
      : "If it is a custom resource, install its CustomResourceDefinition first.";
  return new LabError(`The API server at ${client.connection.server} serves no kind ${kind} in ${apiVersion}. ${hint}`);
}
