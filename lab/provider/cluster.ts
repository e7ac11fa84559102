import { setTimeout as delay } from "node:timers/promises";
import { JsonObject, text } from "../json";
import { ApiClient } from "../kubernetes/client";
import { Discovery } from "../kubernetes/discovery";
import { CancelledError } from "./resource";
import { Log } from "./rpc/engine";

/** The cluster that the provider was configured for, and what every operation on it needs. */
export interface Cluster {
  client: ApiClient;
  discovery: Discovery;
  settings: Settings;
  log: Log;
  /** Aborted when the engine asks to stop. */
  signal: AbortSignal;
}

export function defaultNamespace({ settings, client }: Cluster): string {
  return settings.namespace ?? client.connection.namespace;
}

/** @throws CancelledError as soon as the engine asks to stop */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch {
    throw new CancelledError();
  }
}

/** What the provider's settings say, beside the cluster they lead to. */
export interface Settings {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  clusterIdentifier?: string;
  /** Namespace of objects that name none. @default the context's */
  namespace?: string;
  /** Take over fields that another manager owns, and objects that exist. @default $PULUMI_K8S_ENABLE_PATCH_FORCE, false */
  patchForce: boolean;
  /** Take over objects that exist. @default $PULUMI_K8S_UPSERT_EXISTING_OBJECTS, false */
  upsert: boolean;
  /** Forget resources of a cluster that cannot be reached when they are deleted. @default $PULUMI_K8S_DELETE_UNREACHABLE, false */
  deleteUnreachable: boolean;
}

/** Reads the provider's inputs; booleans come as the JSON text of one. */
export function settingsOf(inputs: JsonObject): Settings {
  const given = (key: string): string | undefined => text(inputs, key) || undefined;
  const flag = (key: string, variable: string): boolean => {
    const value = inputs[key] ?? process.env[variable];
    return value === true || value === "true" || value === "1";
  };
  return {
    kubeconfig: given("kubeconfig"),
    context: given("context"),
    cluster: given("cluster"),
    clusterIdentifier: given("clusterIdentifier"),
    namespace: given("namespace"),
    patchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsert: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
  };
}
