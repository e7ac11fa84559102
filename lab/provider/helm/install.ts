import { troublesOf } from "../await/troubles";
import { UnreachableError } from "../../kubernetes/client";
import { Cluster } from "../cluster";
import { LabError } from "../../errors";
import { CancelledError, InitializationError } from "../resource";
import { JsonObject, count, text } from "../../json";
import { referenceOf } from "../objects/reference";
import { get } from "../objects/requests";
import { uninstallArguments, upgradeArguments, valueFiles } from "./arguments";
import { helm, HelmError, withScratchFolder } from "./command";
import { ReleaseStatus, objectsOf, releaseStatus, upgradedStatus } from "./status";

export interface InstallRequest {
  urn: string;
  id: string;
  inputs: JsonObject;
  /** Seconds; 0 when the program sets none. */
  timeout: number;
}

/**
 * Installs the release or brings it to what the inputs say, and waits until its objects are up.
 * @throws InitializationError when Helm has recorded the release although it failed
 */
export async function install(cluster: Cluster, { urn, id, inputs, timeout }: InstallRequest): Promise<JsonObject> {
  const seconds = secondsOf(inputs, timeout);
  cluster.log.progress(urn, `helm upgrade --install ${text(inputs, "name")}`);
  try {
    return outputsOf(inputs, await upgraded(cluster, inputs, seconds));
  } catch (error) {
    throw await recorded(cluster, id, inputs, error);
  }
}

/** Takes the release away and waits until its objects are gone. */
export async function uninstall(cluster: Cluster, inputs: JsonObject, timeout: number): Promise<void> {
  const seconds = secondsOf(inputs, timeout);
  await helm(cluster, uninstallArguments(inputs, seconds), boundOf(seconds));
}

/** The resource's outputs: its inputs, and what Helm says of the release. */
export function outputsOf(inputs: JsonObject, { status }: ReleaseStatus): JsonObject {
  return { ...inputs, version: inputs["version"] ?? status["version"] ?? null, status };
}

/** Seconds that Helm may wait for the release's objects. @default 300, Helm's own */
function secondsOf(inputs: JsonObject, customTimeout: number): number {
  return customTimeout || count(inputs, "timeout") || 300;
}

/** Seconds after which a Helm that does not end by itself is ended: it may wait for hooks and for objects. */
function boundOf(seconds: number): number {
  return 2 * seconds + 60;
}

/** Upgrades or installs; what is left of a first install that was killed is taken away before. */
async function upgraded(cluster: Cluster, inputs: JsonObject, seconds: number): Promise<ReleaseStatus> {
  try {
    return await upgrade(cluster, inputs, seconds);
  } catch (error) {
    if (!(await isUnfinished(cluster, inputs, error))) {
      throw error;
    }
  }
  await uninstall(cluster, inputs, seconds);
  return upgrade(cluster, inputs, seconds);
}

async function upgrade(cluster: Cluster, inputs: JsonObject, seconds: number): Promise<ReleaseStatus> {
  const written = await withScratchFolder((folder) =>
    helm(cluster, upgradeArguments(inputs, valueFiles(inputs, folder), seconds), boundOf(seconds)),
  );
  return upgradedStatus(written);
}

/** Whether an earlier first install was killed half-way: Helm would refuse the release for ever. */
async function isUnfinished(cluster: Cluster, inputs: JsonObject, error: unknown): Promise<boolean> {
  if (!(error instanceof HelmError) || !error.message.includes("another operation")) {
    return false;
  }
  return (await releaseStatus(cluster, inputs))?.status["status"] === "pending-install";
}

/** The failure of an install, which keeps the release in the state when Helm has left one. */
async function recorded(cluster: Cluster, id: string, inputs: JsonObject, error: unknown): Promise<unknown> {
  if (!(error instanceof LabError) || error instanceof UnreachableError) {
    return error;
  }
  const looking = { ...cluster, signal: new AbortController().signal };
  const left = await releaseStatus(looking, inputs).catch(() => undefined);
  const cause = error instanceof CancelledError ? "the wait for it was cancelled" : error.message;
  const troubles = left === undefined ? [] : await objectTroubles(looking, left, inputs).catch(() => []);
  const reason = [`Helm release "${id}": ${cause}${advice(cause)}`, ...troubles].join("; ");
  return left === undefined ? new LabError(reason) : new InitializationError(id, outputsOf(inputs, left), [reason]);
}

function advice(cause: string): string {
  return cause.includes("another operation") ? ". An earlier upgrade was killed: run helm rollback" : "";
}

/** Why the release's workloads are not up: Helm itself says no more than that it waited too long. */
async function objectTroubles(cluster: Cluster, release: ReleaseStatus, inputs: JsonObject): Promise<string[]> {
  const kinds = ["Deployment", "StatefulSet", "DaemonSet"];
  const workloads = objectsOf(release).filter((object) => kinds.includes(String(object["kind"])));
  const told = workloads.map(async (object) => {
    const kind = await cluster.discovery.find(text(object, "apiVersion") ?? "", text(object, "kind") ?? "");
    const namespace = text(object, "metadata", "namespace") ?? text(inputs, "namespace") ?? "default";
    const live = kind && (await get(cluster, { ...referenceOf(cluster, kind, object), namespace }));
    return live === undefined ? [] : troublesOf(cluster, live);
  });
  return (await Promise.all(told)).flat();
}
