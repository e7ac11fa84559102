import { isPublic } from "../config/addresses";
import { StackConfig } from "../config/types";
import { DestinationTarget, dialledPorts, grantsOf, isByAddress, privateRangesOf, Target } from "../grants";
import { asRange } from "../ground/cidr";
import { sortedUnique, sortedNumbers } from "../ground/order";
import { defaultPorts } from "../ground/protocols";
import type { GkeConfig, GkeUse, ServiceBeside } from "../ground/gke/config";
import { planControlPlane } from "./control-plane";
import { planEgressAddresses } from "./egress-addresses";
import { planFirewall } from "./firewall";
import { planGoogleApis } from "./google-apis";
import { planIdentities } from "./kubernetes";
import { planImageMirror, planManagedMesh, planSecretsKey, planServices } from "./project";
import { planNetwork } from "./network";
import { planNodePools } from "./node-pools";

/**
 * Everything that a stack makes in Google Cloud, as the arguments of Google's resources; what only another resource
 * can tell (a network's name, a service account's address) is left to the components.
 */
export type GkePlan = ReturnType<typeof planGke>;

export function planGke(gke: GkeConfig, use: GkeUse) {
  return {
    services: planServices(use),
    network: planNetwork(gke),
    googleApis: planGoogleApis(gke),
    egressAddresses: planEgressAddresses(gke),
    firewall: planFirewall(gke, use),
    identities: planIdentities(gke),
    imageMirror: planImageMirror(gke),
    secretsKey: planSecretsKey(gke),
    controlPlane: planControlPlane(gke, use),
    nodePools: planNodePools(gke),
    managedMesh: use.managedMesh === true ? planManagedMesh(gke) : undefined,
  };
}

/**
 * The ports that granted hosts are dialled on whose names may lead to any public address, sorted; none where nothing is
 * granted, or only what is inside or is called by its addresses: those have rules of their own.
 */
export function grantedExternalPorts(config: StackConfig): number[] {
  const ports = grantedTargets(config).flatMap((target) =>
    target.kind === "destination" && !isByAddress(target) && privateRangesOf(target).length === 0
      ? dialledPorts(target)
      : [],
  );
  const watched = grantsOf(config).observed.homes.size === 0 ? [] : Object.values(defaultPorts());
  return sortedNumbers([...ports, ...watched]);
}

/** The services beside the mesh that some rule grants to somebody: what the nodes of their callers must reach. */
export function servicesBeside(config: StackConfig): ServiceBeside[] {
  return grantedTargets(config).flatMap((target) =>
    target.kind === "beside" && target.direct === undefined
      ? [
          {
            name: target.name,
            ranges: sortedUnique(target.config.addresses).map(asRange),
            ports: target.ways.map(({ port }) => port),
          },
        ]
      : [],
  );
}

/** The destinations with private ranges that some rule grants to somebody: what the gateways' nodes must reach. */
export function privateDestinations(config: StackConfig): ServiceBeside[] {
  return throughGateways(config, privateRangesOf);
}

/** The public addresses without a name that some rule grants to somebody: what the gateways' nodes must reach. */
export function addressDestinations(config: StackConfig): ServiceBeside[] {
  return throughGateways(config, (target) =>
    isByAddress(target) ? sortedUnique(target.hosts.filter(isPublic).map(asRange)) : [],
  );
}

/** What gateways dial of granted destinations, where some of it is in ranges of one kind. */
function throughGateways(config: StackConfig, rangesOf: (target: DestinationTarget) => string[]): ServiceBeside[] {
  return grantedTargets(config).flatMap((target) => {
    const ranges = target.kind === "destination" ? rangesOf(target) : [];
    return target.kind === "destination" && ranges.length > 0
      ? [{ name: target.name, ranges, ports: dialledPorts(target) }]
      : [];
  });
}

function grantedTargets(config: StackConfig): Target[] {
  const { targets, to } = grantsOf(config);
  return [...targets.values()].filter(({ name }) => to(name).length > 0);
}
