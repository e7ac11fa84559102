import { isDeepStrictEqual } from "node:util";
import { isObject } from "../objects";
import { sortedUnique } from "../order";
import { freeIstioKeys, freeProxyConfig } from "../pods/lists";
import { discoverySelectors } from "./values";

/** A value of the istiod chart on which the guard rests. */
export interface ValueRule {
  path: string[];
  /** Whether a value leaves the mesh closed, where istiod looks at these namespaces of others. One that is not there does, unless `needed`. */
  takes: (value: unknown, discovered: readonly string[]) => boolean;
  /** What may stand there, for a reader; nothing where it is only to be left away. */
  allowed?: string;
  /** Whether the mesh is open where nothing stands. @default false */
  needed?: boolean;
  /** What would happen otherwise, as a sentence without a full stop. */
  why: string;
}

/** A value that may be left away or be one of these. To Helm's templates the text "false" is something, and so as good as true. */
function only(path: string, why: string, ...values: (string | boolean)[]): ValueRule {
  const allowed =
    values.length === 0 ? {} : { allowed: values.map((value) => (value === "" ? '""' : value)).join(", ") };
  const isTaken = (value: unknown) =>
    values.some((each) => (each === false ? value === false : String(value) === String(each)));
  return { path: path.split("."), takes: isTaken, ...allowed, why };
}

/** A list or a set that may be left away or be empty. */
function empty(path: string, why: string): ValueRule {
  return { path: path.split("."), takes: isEmpty, why };
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** Of the mesh's ProxyConfig. */
const freeDefaults: readonly string[] = sortedUnique([
  ...freeProxyConfig,
  "extraStatTags",
  "gatewayTopology",
  "image",
  "proxyMetadata",
  "readinessProbe",
  "statNameLength",
  "tracing",
]);

const freeMetadata: readonly string[] = ["ISTIO_META_DNS_AUTO_ALLOCATE", "ISTIO_META_DNS_CAPTURE"];

const otherConfig = "istiod would take its configuration from elsewhere";
const otherPlane = "Sidecars would take their rules from another control plane than the stack's";
const otherCa = "Identities that another authority signs would be taken for those that are granted hosts";
const unread = "istiod would not read all of the guard's own objects";
const pastSidecar = "Connections would go past the sidecars of all pods";
const noSidecar = "Pods of guarded namespaces would have no sidecar";

/**
 * What is known to open the mesh. Keys below `pilot` are held against the same rules: the chart copies them over the others.
 *
 * Source: the templates and files of the chart istio-control/istio-discovery, pilot/pkg/features, and mesh/v1alpha1, all
 * of Istio 1.31.
 */
export const valueRules: readonly ValueRule[] = [
  {
    ...only("meshConfig.outboundTrafficPolicy.mode", "Sidecars would let every host through", "REGISTRY_ONLY"),
    needed: true,
  },
  only("meshConfig.trustDomain", "Policies name identities of the domain cluster.local", "cluster.local"),
  only("meshConfig.rootNamespace", "What is strict for the whole mesh is said in this namespace", "istio-system"),
  empty(
    "meshConfig.trustDomainAliases",
    "Identities of another domain would be taken for those that are granted hosts",
  ),
  {
    path: ["meshConfig", "discoverySelectors"],
    takes: (value, discovered) => isDeepStrictEqual(value, discoverySelectors(discovered)),
    needed: true,
    why: "istiod would look at other namespaces than those of the stack",
  },
  only("meshConfig.ca.address", otherCa, ""),
  empty("meshConfig.caCertificates", otherCa),
  empty("meshConfig.configSources", unread),
  {
    path: ["meshConfig", "defaultConfig"],
    takes: (value) => isObject(value) && Object.keys(value).every((key) => freeDefaults.includes(key)),
    allowed: freeDefaults.join(", "),
    why: "Sidecars would be others than those that the guard knows",
  },
  {
    path: ["meshConfig", "defaultConfig", "proxyMetadata"],
    takes: (value) => isObject(value) && Object.keys(value).every((key) => freeMetadata.includes(key)),
    allowed: freeMetadata.join(", "),
    why: "Sidecars would be others than those that the guard knows",
  },
  only("revision", "Namespaces ask for the injector that has no revision", ""),
  only("configMap", "istiod would have no mesh configuration, and let every host through", true),
  only(
    "trustedZtunnelNamespace",
    "Its pods could ask for certificates of any workload",
    "",
    "istio-system",
    "kube-system",
  ),
  only("istiodRemote.enabled", otherPlane, false),
  only("istiodRemote.injectionURL", otherPlane, ""),
  only("profile", "The profile is not one that leaves the mesh closed", "", "demo", "preview", "stable"),
  only(
    "global.profile",
    "The profile is not one that leaves the mesh closed",
    "",
    "default",
    "demo",
    "preview",
    "stable",
  ),
  only("global.trustDomain", "Policies name identities of the domain cluster.local", "cluster.local"),
  only("global.istioNamespace", "NetworkPolicies let pods reach istiod there only", "istio-system"),
  only("global.resourceScope", "Parts of the control plane would be missing", "all"),
  only("global.omitSidecarInjectorConfigMap", noSidecar, false),
  only("global.operatorManageWebhooks", noSidecar, false),
  only("global.remotePilotAddress", otherPlane, ""),
  only("global.externalIstiod", otherPlane, false),
  only("global.caAddress", otherCa, ""),
  only("global.proxy.clusterDomain", "Sidecars find the gateway under cluster.local", "cluster.local"),
  only("global.proxy.autoInject", noSidecar, "enabled"),
  only("global.proxy.privileged", "Every sidecar would have power over its node", false),
  only("global.proxy.includeIPRanges", pastSidecar, "*"),
  only("global.proxy.excludeIPRanges", pastSidecar, ""),
  only("global.proxy.includeOutboundPorts", pastSidecar, "", "*"),
  only("global.proxy.excludeOutboundPorts", pastSidecar, ""),
  only("global.proxy.includeInboundPorts", "Other ports of all pods would take connections without mutual TLS", "*"),
  only("global.proxy.excludeInboundPorts", "These ports of all pods would take connections without mutual TLS", ""),
  empty("sidecarInjectorWebhook.neverInjectSelector", noSidecar),
  empty("sidecarInjectorWebhook.templates", "A template says what a sidecar is, and nothing in it can be checked"),
  empty(
    "sidecarInjectorWebhook.defaultTemplates",
    "A template says what a sidecar is, and nothing in it can be checked",
  ),
  {
    path: ["sidecarInjectorWebhook", "injectedAnnotations"],
    takes: (value) => isObject(value) && Object.keys(value).every(isFreeAnnotation),
    why: "Annotations of Istio's tell what goes past a sidecar",
  },
  {
    path: ["extraContainerArgs"],
    takes: (value) =>
      Array.isArray(value) && value.every((each) => /^--(log_|ctrlz_|keepalive|vklog)[^=]*=/.test(String(each))),
    allowed: "--log_…=, --keepalive…=, --ctrlz_…=",
    why: "An argument of istiod's may overrule the mesh configuration",
  },
  {
    path: ["volumeMounts"],
    takes: (value) =>
      Array.isArray(value) && !value.some((each) => isObject(each) && hidesConfig(String(each.mountPath))),
    allowed: "paths outside /etc/istio",
    why: otherConfig,
  },
  {
    path: ["envVarFrom"],
    takes: (value) =>
      Array.isArray(value) && value.every((each) => isObject(each) && !(String(each.name) in guardedVariables)),
    allowed: "variables that the guard does not rest on",
    why: "A variable given so takes the place of another of its name",
  },
];

function isFreeAnnotation(key: string): boolean {
  return !/(^|\.)istio\.io\//.test(key) || freeIstioKeys.includes(key);
}

function hidesConfig(mountPath: string): boolean {
  const path = mountPath.replace(/\/+$/, "");
  return path === "" || path === "/etc" || path === "/etc/istio" || path.startsWith("/etc/istio/");
}

/** istiod's environment variables on which the guard rests: what each may be, beside left away, and what it would open. */
export const guardedVariables: Readonly<Record<string, { takes: string[]; needed?: boolean; why: string }>> = {
  PILOT_SCOPE_GATEWAY_TO_NAMESPACE: {
    takes: ["true"],
    needed: true,
    why: "Gateways of other namespaces could open ports on the egress gateways",
  },
  PILOT_SKIP_VALIDATE_TRUST_DOMAIN: { takes: ["false"], why: otherCa },
  ISTIO_MULTIROOT_MESH: { takes: ["false"], why: otherCa },
  CA_TRUSTED_NODE_ACCOUNTS: { takes: [], why: "These accounts could ask for certificates of any workload" },
  TRUSTED_GATEWAY_CIDR: {
    takes: [""],
    why: "Whoever calls istiod from there could write any workload's identity into a header, and have a certificate of it",
  },
  JWT_RULE: { takes: [""], why: otherCa },
  TOKEN_ISSUER: { takes: [""], why: otherCa },
  TOKEN_AUDIENCES: {
    takes: ["istio-ca"],
    why: "Whoever is handed a workload's token for something else could have a certificate of it",
  },
  INJECT_ENABLED: { takes: ["true"], why: noSidecar },
  XDS_AUTH: { takes: ["true"], why: "istiod would tell any caller what it tells sidecars" },
  ENABLE_DEBUG_ENDPOINT_AUTH: { takes: ["true"], why: "istiod would tell any caller what it knows" },
  PILOT_ENABLE_XDS_IDENTITY_CHECK: { takes: ["true"], why: "A proxy could pass for one of another identity" },
  ISTIO_WORKLOAD_ENTRY_VALIDATE_IDENTITY: { takes: ["true"], why: "A proxy could pass for one of another identity" },
  UNSAFE_ENABLE_ADMIN_ENDPOINTS: { takes: ["false"], why: "Any caller could change what istiod does" },
  SHARED_MESH_CONFIG: { takes: [""], why: otherConfig },
  PILOT_IGNORE_RESOURCES: { takes: [""], why: unread },
  ISTIO_WATCH_NAMESPACE: { takes: [""], why: unread },
  PILOT_ENABLE_SERVICEENTRY_SELECT_PODS: { takes: ["true"], why: "Hosts would lead to no gateway" },
  EXTERNAL_ISTIOD: { takes: ["false"], why: otherPlane },
  INJECTION_WEBHOOK_CONFIG_NAME: { takes: ["istio-sidecar-injector"], why: noSidecar },
};

/** Keys that the chart keeps for itself: what is below them is merged with all the rest. */
export const chartKeys: readonly string[] = ["_internal_defaults_do_not_set", "_original", "defaults"];
