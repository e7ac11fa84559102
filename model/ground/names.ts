import { hashedName } from "./hashed-name";
import type { MeshTraits } from "./mesh-traits";

/** Name of the gateway that destinations share which have none of their own. */
export const gatewayName = "egress-gateway";

/** Labels by which a gateway's pods are selected; its name is also that of its Deployment, ServiceAccount, … */
export function gatewaySelector(gateway: string): Record<string, string> {
  return { istio: gateway };
}

/** Ports on which the gateway's pods listen; policies and NetworkPolicies name these, not the Service's 80 and 443. */
export const gatewayPorts = { http: 8080, tls: 8443 } as const;

/** The ports of outside hosts: what applications dial, and what the gateway dials for them. */
export const outsidePorts = { http: 80, tls: 443 } as const;

/** Istio's root namespace: what is configured here holds for the whole mesh. */
export const meshNamespace = "istio-system";

/** The cluster's DNS domain, at Kubernetes' default. */
const clusterDomain = "cluster.local";

/** A Service's full DNS name; `*` for every Service of the namespace. */
export function serviceHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.${clusterDomain}`;
}

/** A name of a host's own where no dots are taken: readable, and unlike that of a host that only looks the same. */
export function hostLabel(host: string): string {
  return hashedName(host.replaceAll(".", "-"), host);
}

/** Whether a name is a Service's: no outside host has such a name. */
export function isServiceHost(host: string): boolean {
  return host.endsWith(`.svc.${clusterDomain}`);
}

/** A workload's identity as AuthorizationPolicies name it. */
export function principal(mesh: MeshTraits | undefined, namespace: string, serviceAccount: string): string {
  // Istio's default has the name of Kubernetes' DNS domain.
  return `${mesh?.trustDomain ?? clusterDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

/** An identity as certificates carry it. */
export function spiffeId(mesh: MeshTraits | undefined, namespace: string, serviceAccount: string): string {
  return `spiffe://${principal(mesh, namespace, serviceAccount)}`;
}
