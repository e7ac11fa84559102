import { ApiError } from "../../kubernetes/client";
import { Cluster } from "../cluster";
import { JsonObject } from "../../json";
import { Reference, pathOf } from "./reference";

/** Name under which our fields are listed in an object's managedFields; the official provider's begin with it too. */
export const fieldManager = "pulumi-kubernetes";

/** The object, or undefined when there is none. */
export async function get(cluster: Cluster, reference: Reference): Promise<JsonObject | undefined> {
  try {
    return await cluster.client.request({ method: "GET", path: pathOf(reference) });
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) {
      return undefined;
    }
    throw error;
  }
}

export interface ApplyOptions {
  /** Whose fields they are. */
  manager: string;
  /** Take over fields of other managers. */
  force: boolean;
  /** Ask what would become of it, and change nothing. */
  dryRun: boolean;
}

/**
 * Server-side apply: makes the object, or brings exactly the fields of the manifest to what it says. Fields that the
 * manager applied before and that are not in the manifest are taken away, unless others hold them too.
 */
export function apply(
  cluster: Cluster,
  reference: Reference,
  manifest: JsonObject,
  { manager, force, dryRun }: ApplyOptions,
): Promise<JsonObject> {
  return cluster.client.request({
    method: "PATCH",
    path: pathOf(reference),
    query: {
      fieldManager: manager,
      fieldValidation: "Strict",
      force: String(force),
      ...(dryRun ? { dryRun: "All" } : {}),
    },
    body: manifest,
    contentType: "application/apply-patch+yaml",
  });
}

/**
 * Asks for the object's end.
 * @returns what is left of it while finalizers or a grace period hold it, or undefined when it is gone
 */
export async function remove(
  cluster: Cluster,
  reference: Reference,
  propagationPolicy: string,
): Promise<JsonObject | undefined> {
  const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
  try {
    const left = await cluster.client.request({ method: "DELETE", path: pathOf(reference), body });
    return left["kind"] === "Status" ? undefined : left;
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) {
      return undefined;
    }
    throw error;
  }
}
