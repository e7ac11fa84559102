import { hashedName, longestName } from "../names";
import type { GkeConfig } from "./config";

/** The subnet's ranges for pods and Services, by what they are for. */
export const rangeNames = { pods: "pods", gatewayPods: "gateway-pods", services: "services" } as const;

/** Label and taint key of the nodes that a pool makes, and what the gateway's pods ask for. */
export const poolLabel = "istio-egress/pool";

export const gatewaysPool = "gateways";
export const workPool = "work";

/** The network tag that opens port 22 to Identity-Aware Proxy. */
export const sshTag = "ssh";

/** Name of a network, a router, a rule, …: `prod-gateways-out`; cut, with a hash, where it would be too long. */
export function scoped({ name }: Pick<GkeConfig, "name">, part: string): string {
  const whole = `${name}-${part}`;
  return whole.length <= longestName ? whole : hashedName(whole, whole);
}

/** Repository through which nodes pull Docker Hub's images, as an image's name begins. */
export function imageMirror({ region, project, name }: Pick<GkeConfig, "region" | "project" | "name">): string {
  return `${region}-docker.pkg.dev/${project}/${scoped({ name }, "docker-hub")}`;
}

/** The pool of identities that Workload Identity gives the project's workloads. */
export function workloadPool({ project }: Pick<GkeConfig, "project">): string {
  return `${project}.svc.id.goog`;
}

/** Name of the cluster among all of Google's. */
export function clusterPath({ project, location, name }: Pick<GkeConfig, "project" | "location" | "name">): string {
  return `projects/${project}/locations/${location}/clusters/${name}`;
}

/** Name of the context that `gcloud container clusters get-credentials` writes into a kubeconfig. */
export function gcloudContext({ project, location, name }: Pick<GkeConfig, "project" | "location" | "name">): string {
  return `gke_${project}_${location}_${name}`;
}
