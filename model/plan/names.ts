/** Name of the gateway's Deployment, Service, ServiceAccount, Gateway and EnvoyFilter, and of its `istio` label. */
export const gatewayName = "egress-gateway";

/** Labels by which Istio's resources and NetworkPolicies select the gateway's pods. */
export const gatewaySelector = { istio: gatewayName };

/** Ports on which the gateway's pods listen; policies and NetworkPolicies name these, not the Service's 80 and 443. */
export const gatewayPorts = { http: 8080, tls: 8443 } as const;

/** The ports of outside hosts: what applications dial, and what the gateway dials for them. */
export const outsidePorts = { http: 80, tls: 443 } as const;

/** Istio's root namespace: what is configured here holds for the whole mesh. */
export const meshNamespace = "istio-system";

/** The mesh's trust domain and the cluster's DNS domain, both at Kubernetes' and Istio's default. */
const clusterDomain = "cluster.local";

/** A Service's full DNS name; `*` for every Service of the namespace. */
export function serviceHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.${clusterDomain}`;
}

/** A workload's identity as AuthorizationPolicies name it. */
export function principal(namespace: string, serviceAccount: string): string {
  return `${clusterDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

/** The gateway's identity as its certificate carries it. */
export function gatewaySpiffeId(gatewayNamespace: string): string {
  return `spiffe://${principal(gatewayNamespace, gatewayName)}`;
}
