import { sortedNumbers } from "../ground/order";
import { collectorPorts, collectorService } from "../ground/collector";
import { Manifest } from "../ground/manifest";
import { GatewayArgs } from "./args";
import { gatewayChecks, gatewaySense } from "./arguments/gateway";
import { requireArguments } from "./check";
import { gatewayAutoscaler, gatewayDeployment } from "./gateway-deployment";
import { forwardingPlan } from "./forwarding";
import { furtherPorts, objectsOfParts } from "./gateway-parts";
import { alsoToCollector } from "./log-collector";
import { egressToCollector } from "./network-policies";
import { appLabels, commonLabels, sortManifests } from "./metadata";
import { planObserver } from "./observer";
import { gatewayServicePorts, observerServicePorts, servicePort } from "./ports";
import { gatewaySelector, refusePolicyName } from "../ground/names";

/**
 * An egress gateway. Where it forwards by name, its size does not depend on the number of hosts: it takes any name
 * under mTLS, asks the AuthorizationPolicies whether this identity may go there, resolves the name and forwards.
 * Otherwise it listens for nothing but the hosts that destinations list. With no destination it refuses everybody.
 *
 * One that has somebody `observed` is another thing: it lets these pass, whatever they call, and logs it.
 *
 * @throws ArgumentError for what could mean another thing than it says
 */
export function planGateway(given: GatewayArgs): Manifest[] {
  requireArguments(`The gateway ${given.name}`, given, gatewayChecks, gatewaySense);
  const args = { ...given, ports: sortedNumbers(given.ports ?? []) };
  return sortManifests([
    { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata(args) },
    gatewayDeployment(args),
    service(args),
    disruptionBudget(args),
    ...logged(
      args,
      args.observed === undefined ? forwarding(args) : planObserver({ ...args, observed: args.observed }),
    ),
    denyTheRest(args),
    ...gatewayAutoscaler(args),
  ]);
}

/** The gateway's objects, with its log going to a collector as well where it has one. */
function logged({ collector, name, namespace }: GatewayArgs, objects: Manifest[]): Manifest[] {
  if (collector === undefined) {
    return objects;
  }
  const { namespace: to } = collectorService(collector.service)!;
  return [
    ...objects.map((object) =>
      object.kind === "EnvoyFilter" ? alsoToCollector(object, { name, namespace }, collector) : object,
    ),
    egressToCollector(name, { namespace, to, podPort: collectorPorts(collector).podPort }),
  ];
}

function forwarding(args: GatewayArgs): Manifest[] {
  return [...forwardingPlan(args.mesh).gateway(args), ...objectsOfParts(args)];
}

/** Headless, because nobody dials it, or, where hosts are listed, sidecars look up all of the pods by it. */
function service(gateway: GatewayArgs): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(gateway),
    spec: {
      clusterIP: "None",
      selector: gatewaySelector(gateway.name),
      ports:
        gateway.observed === undefined
          ? [...gatewayServicePorts, ...furtherPorts(gateway).map(({ server }) => servicePort(server))]
          : observerServicePorts,
    },
  };
}

function disruptionBudget(gateway: GatewayArgs): Manifest {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadata(gateway),
    spec: { minAvailable: 1, selector: { matchLabels: gatewaySelector(gateway.name) } },
  };
}

/** A policy that allows and has no rules: what no destination's policy allows is refused. */
function denyTheRest({ name, namespace }: GatewayArgs): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: refusePolicyName(name), namespace, labels: commonLabels() },
    spec: { selector: { matchLabels: gatewaySelector(name) } },
  };
}

function metadata({ name, namespace }: GatewayArgs): Manifest["metadata"] {
  return { name, namespace, labels: { ...appLabels(name), ...gatewaySelector(name) } };
}
