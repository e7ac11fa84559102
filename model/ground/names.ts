import { createHash } from "node:crypto";
import { isWildcard, suffixOf } from "./hosts";
import type { MeshTraits } from "./mesh-traits";
import { protocolTable } from "./protocols";

/** Name of the gateway that destinations share which have none of their own. */
export const gatewayName = "egress-gateway";

/** Name of the gateway that lets pass and logs what workloads call that are observed. */
export const observerName = "egress-observer";

/** What the injector calls the container that a proxy runs in, a gateway's and a sidecar. */
export const proxyContainer = "istio-proxy";

/** Labels by which a gateway's pods are selected; its name is also that of its Deployment, ServiceAccount, … */
export function gatewaySelector(gateway: string): Record<string, string> {
  return { istio: gateway };
}

/** Key of the label that every gateway's pods have. */
export const gatewayPodLabelKey = "istio-egress/gateway";

/**
 * A label of a gateway's pods that no other stack's pods have by accident: a Gateway selects pods of every namespace,
 * and of two that open one port on a pod the older one wins.
 */
export function gatewayPodLabel(gateway: string, namespace: string): Record<string, string> {
  const whole = `${namespace}.${gateway}`;
  return { [gatewayPodLabelKey]: whole.length <= longestName ? whole : hashedName(whole, whole) };
}

/** Name of the AuthorizationPolicy by which a destination's gateway lets its clients pass. */
export function allowPolicyName(destination: string): string {
  return `allow-${destination}`;
}

/** Name of the AuthorizationPolicy by which a gateway refuses what no destination's allows. */
export function refusePolicyName(gateway: string): string {
  return `${gateway}-denies-the-rest`;
}

/** Name of the EnvoyFilter in a guarded namespace by which its sidecars log what they refuse. */
export const refusalsName = "refusals";

/** Ports on which the gateway's pods listen; policies and NetworkPolicies name these, not the Service's 80 and 443. */
export const gatewayPorts = { http: protocolTable.http.gateway.port, tls: protocolTable.https.gateway.port } as const;

/** The ports of external hosts: what applications dial, and what the gateway dials for them. */
export const externalPorts = { http: protocolTable.http.port, tls: protocolTable.https.port } as const;

/** Istio's root namespace: what is configured here holds for the whole mesh. */
export const meshNamespace = "istio-system";

/** The cluster's DNS domain, at Kubernetes' default. */
export const clusterDomain = "cluster.local";

/** A Service's full DNS name; `*` for every Service of the namespace. */
export function serviceHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.${clusterDomain}`;
}

/** A name of a host's own where no dots are taken: readable, and unlike that of a host that only looks the same. */
export function hostLabel(host: string): string {
  return hashedName(host.replaceAll(".", "-"), host);
}

/** The name of the objects by which sidecars know a host: its own, or for a wildcard one without a dot, as no host has. */
export function hostObjectName(host: string): string {
  return isWildcard(host) ? hashedName(`any${suffixOf(host).replaceAll(".", "-")}`, host) : host;
}

/** What a sidecar asks a gateway for: the host, or for a wildcard its suffix, which no host is called. */
export function outerSni(host: string): string {
  return isWildcard(host) ? suffixOf(host) : host;
}

/** A name of the cluster's own, taken apart. */
export interface ServiceName {
  service: string;
  namespace: string;
  /** What names one pod behind a headless Service, as `ledger-0`. */
  pod?: string;
}

/**
 * The Service that a name is the full name of, or that of a pod behind it; undefined for any other name: no external
 * host has such a one.
 */
export function serviceOfHost(host: string): ServiceName | undefined {
  const suffix = `.svc.${clusterDomain}`;
  const labels = host.endsWith(suffix) ? host.slice(0, -suffix.length).split(".") : [];
  const [namespace, service, ...pod] = labels.reverse();
  if (namespace === undefined || service === undefined) {
    return undefined;
  }
  return { service, namespace, ...(pod.length === 0 ? {} : { pod: pod.reverse().join(".") }) };
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

/** What Kubernetes takes for a label, and Google for the name of a rule. */
export const longestName = 63;

/**
 * A name of 63 characters at most: its readable part, cut, and eight digits that only `meant` has, so that it is unlike
 * a name that begins the same.
 */
export function hashedName(readable: string, meant: string): string {
  const digits = createHash("sha256").update(meant).digest("hex").slice(0, 8);
  const room = longestName - digits.length - 1;
  return `${readable.slice(0, room).replace(/-+$/, "")}-${digits}`;
}

/** `namespace/name`, the form in which rules name a workload. */
export function workloadKey({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

/** `namespace/*`, the form in which rules name every ServiceAccount of a namespace. */
export function namespaceKey(namespace: string): string {
  return `${namespace}/*`;
}

/** The namespace of a client that a rule names in either form. */
export function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

/** The label of a ConfigMap that holds access which somebody took beside the stack's file; its value is the stack's name. */
export const breakGlassLabel = "istio-egress/break-glass";
