/** What admission asks of objects: its rules by name, and which of them may be left out for whom. */

/** Rules about pods and what makes them; an exemption from one is for the pods of one ServiceAccount. */
export const podRules = [
  "annotations",
  "host-namespaces",
  "labels",
  "node",
  "privileges",
  "probes",
  "registries",
  "sidecar",
  "sidecar-user",
  "volumes",
] as const;

/** Rules about other objects; an exemption from one is for one object, by its kind and name. */
export const objectRules = ["endpoints", "ingresses", "istio-objects", "network-policies", "services"] as const;

/** Kinds of Istio's own. Source: the chart istio/base of 1.31, crd-all.gen.yaml. */
export const istioKinds = [
  "AuthorizationPolicy",
  "DestinationRule",
  "EnvoyFilter",
  "Gateway",
  "PeerAuthentication",
  "ProxyConfig",
  "RequestAuthentication",
  "ServiceEntry",
  "Sidecar",
  "Telemetry",
  "TrafficExtension",
  "VirtualService",
  "WasmPlugin",
  "WorkloadEntry",
  "WorkloadGroup",
] as const;

/** Kinds of the Gateway API, its experiments and its extension for models, that are in a namespace, beside its Gateway. */
export const gatewayApiKinds = [
  "BackendTLSPolicy",
  "GRPCRoute",
  "HTTPRoute",
  "InferencePool",
  "ListenerSet",
  "ReferenceGrant",
  "TCPRoute",
  "TLSRoute",
  "UDPRoute",
  "XBackendTrafficPolicy",
  "XListenerSet",
] as const;

/** Rules without exemptions: what would be opened is not the one thing that an exemption names. */
export const strictRules = [
  "exec",
  "gateways",
  "gateways-namespace",
  "identity",
  "mesh-wide",
  "namespace-labels",
  "routes",
  "tokens",
] as const;

export type PodRule = (typeof podRules)[number];
export type ObjectRule = (typeof objectRules)[number];
export type StrictRule = (typeof strictRules)[number];
export type AdmissionRule = PodRule | ObjectRule | StrictRule;

/** Groups whose members change the cluster as they like: kubeadm's administrators, and those of older clusters. */
export const clusterAdministrators: readonly string[] = ["kubeadm:cluster-admins", "system:masters"];

const dnsKey = "ISTIO_META_DNS_(CAPTURE|AUTO_ALLOCATE)";
const truth = '"(true|false)"';
const dnsInJson = `"?${dnsKey}"?: *${truth}`;

/**
 * Forms of the annotation proxy.istio.io/config that a policy can read, which knows no YAML: a key and a word in each
 * line, and under proxyMetadata that the sidecar answers DNS; or just that in one line, as in JSON.
 * What a workload of the stack may say beside them is in `freeProxyConfig`.
 */
export const plainProxyConfig =
  "^((concurrency|drainDuration|holdApplicationUntilProxyStarts|terminationDrainDuration): *[A-Za-z0-9]+ *\n?|" +
  `proxyMetadata: *\n( +${dnsKey}: *${truth} *\n?)+)+$|` +
  `^ *\\{ *"?proxyMetadata"?: *\\{ *${dnsInJson}( *, *${dnsInJson})* *\\} *\\} *$`;

/** An image's name with the registry and, of Docker Hub, the library that a short one leaves out. */
export function wholeImage(image: string): string {
  const [first = "", ...rest] = image.split("/");
  if (rest.length === 0) {
    return `docker.io/library/${image}`;
  }
  // A name with a capital is a host's, as none on Docker Hub has one.
  if (!/[.:A-Z]/.test(first) && first !== "localhost") {
    return `docker.io/${image}`;
  }
  const hub = /^(?:index[.])?docker[.]io$/.test(first);
  return hub ? `docker.io/${rest.length === 1 ? "library/" : ""}${rest.join("/")}` : image;
}

/** Whether an image is of one of the registries, or of a part of one. */
export function isOfRegistry(image: string, registries: readonly string[]): boolean {
  return registries.some((registry) => wholeImage(image).startsWith(`${registry}/`));
}
