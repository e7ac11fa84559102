import { Manifest } from "../manifest";
import { sortedUnique } from "../order";
import { GatewayArgs } from "./args";
import { gatewayAutoscaler } from "./gateway-autoscaler";
import { forwardingFilter } from "./gateway-forwarding";
import { gatewayDeployment } from "./gateway-deployment";
import { gatewayRoutes } from "./gateway-routes";
import { appLabels, commonLabels, sortManifests } from "./metadata";
import { gatewayName, gatewayPorts, gatewaySelector, outsidePorts } from "./names";
import { egressToControlPlane, egressToOutside, ingressFromMesh } from "./network-policies";

/**
 * The egress gateway, whose size does not depend on the number of hosts: it takes any name under mTLS, asks the
 * AuthorizationPolicies whether this identity may go there, resolves the name and forwards. With no destination
 * it refuses everybody.
 */
export function planGateway(args: GatewayArgs): Manifest[] {
  const { namespace, guardedNamespaces } = args;
  return sortManifests([
    gatewayNamespace(namespace),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata(namespace) },
    gatewayDeployment(args),
    service(namespace),
    disruptionBudget(namespace),
    ...gatewayRoutes(namespace),
    forwardingFilter(namespace),
    denyTheRest(namespace),
    ...gatewayAutoscaler(args),
    ...egressToControlPlane(namespace, args.resolvers),
    egressToOutside(namespace),
    ingressFromMesh(namespace, sortedUnique(guardedNamespaces)),
  ]);
}

function gatewayNamespace(name: string): Manifest {
  const podSecurity = Object.fromEntries(
    ["enforce", "audit", "warn"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, "restricted"],
      [`pod-security.kubernetes.io/${mode}-version`, "latest"],
    ]),
  );
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { ...commonLabels(), ...podSecurity } } };
}

/** Nobody dials it, hence headless: istiod reads here which of the pods' ports a Gateway's server opens. */
function service(namespace: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(namespace),
    spec: {
      clusterIP: "None",
      selector: gatewaySelector,
      ports: [
        { name: "https", port: outsidePorts.http, targetPort: gatewayPorts.http, protocol: "TCP" },
        { name: "tls", port: outsidePorts.tls, targetPort: gatewayPorts.tls, protocol: "TCP" },
      ],
    },
  };
}

function disruptionBudget(namespace: string): Manifest {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadata(namespace),
    spec: { minAvailable: 1, selector: { matchLabels: gatewaySelector } },
  };
}

/** A policy that allows and has no rules: what no destination's policy allows is refused. */
function denyTheRest(namespace: string): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: "deny-the-rest", namespace, labels: commonLabels() },
    spec: { selector: { matchLabels: gatewaySelector } },
  };
}

function metadata(namespace: string): Manifest["metadata"] {
  return { name: gatewayName, namespace, labels: { ...appLabels(gatewayName), ...gatewaySelector } };
}
