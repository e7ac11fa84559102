import { forwardingOf } from "../../ground/forwarding";
import { resolverName } from "../../ground/dns";
import { PolicyRule } from "../../ground/rbac";
import { sortedUnique } from "../../ground/order";
import { RolesArgs } from "../args";
import { rule, watched } from "./role";

/** What Pulumi's plugin does to an object that it owns: it applies by patches, and watches what it waits for. */
const own = ["get", "list", "watch", "create", "patch", "delete"];

/**
 * What plugins watch while a Deployment rolls out, and tell of where it does not: Pulumi's own by its source,
 * pulumi-kubernetes, provider/pkg/await/deployment.go; the lab's stand-in reads events.
 */
const rollouts: PolicyRule[] = [
  rule("apps", ["deployments", "replicasets"], watched),
  rule("", ["pods", "persistentvolumeclaims", "events"], watched),
];

/** What the plugin watches until a Service is ready. Source: the same, provider/pkg/await/service.go. */
const services: PolicyRule[] = [rule("", ["endpoints"], watched)];

/**
 * In the gateways' namespace: what a rule, a destination or its settings are made into. Gateways' own objects are changed,
 * and neither made nor deleted: these are settings of the platform.
 */
export function changeAtGateways({ mesh, gateways, resolver = false, monitored = false }: RolesArgs): PolicyRule[] {
  const istio = ["serviceentries", "destinationrules", "virtualservices", "gateways"];
  const filters = forwardingOf(mesh).connects ? ["envoyfilters"] : [];
  const parts = sortedUnique([...gateways, ...(resolver ? [resolverName] : [])]);
  return [
    rule("networking.istio.io", [...istio, ...filters], own),
    rule("security.istio.io", ["authorizationpolicies"], own),
    rule("networking.k8s.io", ["networkpolicies"], own),
    rule("apps", ["deployments"], ["patch"], parts),
    rule("", ["services"], ["get", "patch"], parts),
    // The resolver's configuration, and what `egress grant` notes down.
    rule("", ["configmaps"], own),
    rule("", ["services"], ["list", "watch"]),
    rule("discovery.k8s.io", ["endpointslices"], watched),
    // Alerts of rules that end.
    ...(monitored ? [rule("monitoring.coreos.com", ["prometheusrules"], own)] : []),
    ...services,
    ...rollouts,
  ];
}

/** In a guarded namespace: what its sidecars know, services beside the mesh, and what restarts pods that are made here. */
export function changeInNamespace({ mesh, made }: RolesArgs, namespace: string): PolicyRule[] {
  const { hostsKnownIn, connects } = forwardingOf(mesh);
  const more = [
    ...(hostsKnownIn === "caller" ? ["serviceentries"] : []),
    // What leads addresses without a name into tunnels.
    ...(connects ? ["envoyfilters"] : []),
  ];
  const deployments = sortedUnique(made.flatMap((each) => (each.namespace === namespace ? [each.name] : [])));
  return [
    rule("networking.istio.io", ["sidecars", "destinationrules", ...more], own),
    rule("networking.k8s.io", ["networkpolicies"], own),
    rule("", ["services"], own),
    rule("discovery.k8s.io", ["endpointslices"], own),
    ...services,
    ...(deployments.length === 0 ? [] : [rule("apps", ["deployments"], ["patch"], deployments)]),
    ...rollouts,
  ];
}

/** Without a namespace: who may run as what is granted, and whether the stack's namespaces are its own. */
export function changeEverywhere({ gatewayNamespace, namespaces, admission = false }: RolesArgs): PolicyRule[] {
  const kinds = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];
  const names = [
    `${gatewayNamespace}.sidecars`,
    ...sortedUnique(namespaces).map((namespace) => `${gatewayNamespace}.identity.${namespace}`),
  ];
  return [
    rule("", ["namespaces"], ["get", "list"]),
    ...(admission ? [rule("admissionregistration.k8s.io", kinds, ["get", "create", "patch", "delete"], names)] : []),
  ];
}
