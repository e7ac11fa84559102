import { troublesOf } from "../await/troubles";
import { UnreachableError } from "../api/client";
import { Cluster } from "../cluster";
import { CancelledError, InitializationError, UserError } from "../errors";
import { JsonObject, count, text } from "../json";
import { referenceOf } from "../objects/reference";
import { get } from "../objects/requests";
import { upgradeArguments } from "./arguments";
import { helm } from "./command";
import { withScratchFolder } from "./scratch";
import { ReleaseStatus, releaseStatus, resourceNames } from "./status";
import { valueFiles } from "./values";

export interface InstallRequest {
  urn: string;
  id: string;
  inputs: JsonObject;
  /** Seconds; 0 when the program sets none. */
  timeout: number;
}

/** Seconds that Helm may wait for the release's objects. @default 300, Helm's own */
export function secondsOf(inputs: JsonObject, customTimeout: number): number {
  return customTimeout || count(inputs, "timeout") || 300;
}

/** Seconds after which a Helm that does not end by itself is ended: it may wait for hooks and for objects. */
export function boundOf(seconds: number): number {
  return 2 * seconds + 60;
}

/**
 * Installs the release or brings it to what the inputs say, and waits until its objects are up.
 * @throws InitializationError when Helm has recorded the release although it failed
 */
export async function install(cluster: Cluster, { urn, id, inputs, timeout }: InstallRequest): Promise<JsonObject> {
  const seconds = secondsOf(inputs, timeout);
  cluster.log.progress(urn, `helm upgrade --install ${text(inputs, "name")}`);
  try {
    await withScratchFolder((folder) =>
      helm(cluster, upgradeArguments(inputs, valueFiles(inputs, folder), seconds), boundOf(seconds)),
    );
  } catch (error) {
    throw await recorded(cluster, id, inputs, error);
  }
  const found = await releaseStatus(cluster, inputs);
  if (found === undefined) {
    throw new UserError(`Helm release "${id}" was installed, but is gone.`);
  }
  return outputsOf(inputs, found);
}

/** The resource's outputs: its inputs, and what Helm says of the release. */
export function outputsOf(inputs: JsonObject, { status, objects }: ReleaseStatus): JsonObject {
  const namespace = text(inputs, "namespace") ?? "default";
  const version = inputs["version"] ?? status["version"] ?? null;
  return { ...inputs, version, status, resourceNames: resourceNames(objects, namespace) };
}

/** The failure of an install, which keeps the release in the state when Helm has left one. */
async function recorded(cluster: Cluster, id: string, inputs: JsonObject, error: unknown): Promise<unknown> {
  if (!(error instanceof UserError) || error instanceof UnreachableError) {
    return error;
  }
  const looking = { ...cluster, signal: new AbortController().signal };
  const left = await releaseStatus(looking, inputs).catch(() => undefined);
  const cause = error instanceof CancelledError ? "the wait for it was cancelled" : error.message;
  const troubles = left === undefined ? [] : await objectTroubles(looking, left, inputs).catch(() => []);
  const reason = [`Helm release "${id}": ${cause}${advice(cause)}`, ...troubles].join("; ");
  return left === undefined ? new UserError(reason) : new InitializationError(id, outputsOf(inputs, left), [reason]);
}

function advice(cause: string): string {
  return cause.includes("another operation") ? ". An earlier run was killed: run helm rollback, or helm uninstall" : "";
}

/** Why the release's workloads are not up: Helm itself says no more than that it waited too long. */
async function objectTroubles(cluster: Cluster, { objects }: ReleaseStatus, inputs: JsonObject): Promise<string[]> {
  const workloads = objects.filter((object) =>
    ["Deployment", "StatefulSet", "DaemonSet"].includes(String(object["kind"])),
  );
  const told = workloads.map(async (object) => {
    const kind = await cluster.discovery.find(text(object, "apiVersion") ?? "", text(object, "kind") ?? "");
    const namespace = text(object, "metadata", "namespace") ?? text(inputs, "namespace") ?? "default";
    const reference = kind && { ...referenceOf(cluster, kind, object), namespace };
    const live = reference && (await get(cluster, reference));
    return live === undefined ? [] : troublesOf(cluster, live);
  });
  return (await Promise.all(told)).flat();
}
