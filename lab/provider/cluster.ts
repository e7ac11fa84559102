import { setTimeout as delay } from "node:timers/promises";
import { ApiClient } from "../kubernetes/client";
import { Discovery } from "../kubernetes/discovery";
import { Settings } from "./config";
import { CancelledError } from "./errors";
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
