import { PolicyRule } from "../../ground/rbac";
import { rule, watched } from "./role";

const all = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/**
 * What an application is made of, in one guarded namespace: the ClusterRole `edit` without what opens the guard. It leaves out
 * NetworkPolicies, Ingresses and endpoints, Istio's own kinds, `exec`, `attach`, `port-forward`, `proxy` and ephemeral
 * containers, tokens of ServiceAccounts, and acting as one. Source: `kubectl get clusterrole edit -o yaml` of Kubernetes 1.34.
 */
export const deployInNamespace: PolicyRule[] = [
  rule("", ["pods", "configmaps", "secrets", "services", "persistentvolumeclaims", "serviceaccounts"], all),
  rule("apps", ["deployments", "statefulsets", "daemonsets", "replicasets"], all),
  rule("apps", ["deployments/scale", "statefulsets/scale", "replicasets/scale"], ["get", "update", "patch"]),
  rule("batch", ["jobs", "cronjobs"], all),
  rule("autoscaling", ["horizontalpodautoscalers"], all),
  rule("policy", ["poddisruptionbudgets"], all),
  rule("", ["pods/eviction"], ["create"]),
  rule("", ["pods/log", "pods/status"], watched),
  rule("", ["events", "resourcequotas", "limitranges", "endpoints"], watched),
  rule("discovery.k8s.io", ["endpointslices"], watched),
];
