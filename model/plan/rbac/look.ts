import { groupedBy } from "../../ground/order";
import { otherPolicyKinds } from "../../ground/other-policies";
import { PolicyRule } from "../../ground/rbac";
import { rule } from "./role";

const read = ["get", "list"];

const istio: PolicyRule[] = [
  rule(
    "networking.istio.io",
    [
      ...["destinationrules", "envoyfilters", "gateways", "proxyconfigs", "serviceentries", "sidecars"],
      ...["virtualservices", "workloadentries", "workloadgroups"],
    ],
    read,
  ),
  rule("security.istio.io", ["authorizationpolicies", "peerauthentications", "requestauthentications"], read),
  rule("telemetry.istio.io", ["telemetries"], read),
  rule("extensions.istio.io", ["wasmplugins"], read),
];

/** In guarded namespaces and the gateways': objects but Secrets, and logs. */
export const lookInNamespace: PolicyRule[] = [
  rule("", ["pods", "services", "serviceaccounts", "replicationcontrollers", "endpoints", "events"], read),
  rule("", ["pods/log"], ["get"]),
  rule("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"], read),
  rule("autoscaling", ["horizontalpodautoscalers"], read),
  rule("batch", ["cronjobs", "jobs"], read),
  rule("argoproj.io", ["rollouts"], read),
  rule("discovery.k8s.io", ["endpointslices"], read),
  rule("networking.k8s.io", ["ingresses", "networkpolicies"], read),
  rule("policy", ["poddisruptionbudgets"], read),
  rule("rbac.authorization.k8s.io", ["roles", "rolebindings"], read),
  ...istio,
];

/** In the gateways' namespace, beside that: the resolver's configuration, and what `egress grant` has noted down. */
export const lookAtGateways: PolicyRule[] = [rule("", ["configmaps"], read)];

/** The same, where the stack has objects of the Prometheus Operator's. */
export const lookAtMonitors: PolicyRule[] = [rule("monitoring.coreos.com", ["podmonitors", "prometheusrules"], read)];

/** In the control plane's namespace: what counts for the whole mesh. */
export const lookAtControlPlane: PolicyRule[] = [
  rule("", ["pods"], read),
  rule("rbac.authorization.k8s.io", ["roles", "rolebindings"], read),
  ...istio,
];

/** In kube-system: who answers names. */
export const lookAtDns: PolicyRule[] = [
  rule("", ["pods", "services"], read),
  rule("discovery.k8s.io", ["endpointslices"], read),
  rule("rbac.authorization.k8s.io", ["roles", "rolebindings"], read),
];

/** In the namespace of the collector that gateways send their log to: whether it answers, and this very role. */
export const lookAtCollector: PolicyRule[] = [
  rule("", ["services"], read),
  rule("discovery.k8s.io", ["endpointslices"], read),
  rule("rbac.authorization.k8s.io", ["roles", "rolebindings"], read),
];

/** Without a namespace, or in every one: what reaches into guarded namespaces from elsewhere. */
export const lookEverywhere: PolicyRule[] = [
  rule("", ["namespaces"], read),
  rule("apps", ["daemonsets", "deployments"], read),
  rule("networking.istio.io", ["gateways", "virtualservices"], read),
  rule("security.istio.io", ["peerauthentications"], read),
  rule(
    "admissionregistration.k8s.io",
    [
      ...["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
      ...["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
    ],
    read,
  ),
  rule("apiregistration.k8s.io", ["apiservices"], read),
  ...[...groupedBy(otherPolicyKinds, ({ group }) => group)].map(([group, kinds]) =>
    rule(
      group,
      kinds.map(({ resource }) => resource),
      read,
    ),
  ),
  rule("rbac.authorization.k8s.io", ["clusterroles", "clusterrolebindings"], read),
];

/** In guarded namespaces: commands inside pods, which is to act as the workload. */
export const probeInNamespace: PolicyRule[] = [rule("", ["pods"], read), rule("", ["pods/exec"], ["create", "get"])];

/** In every namespace: what mutual TLS is asked of. */
export const probeEverywhere: PolicyRule[] = [rule("security.istio.io", ["peerauthentications"], read)];
