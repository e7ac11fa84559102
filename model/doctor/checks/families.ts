import { isAlive, ownerName, ownersOf, Pod } from "../pods";
import { Snapshot } from "../snapshot";
import { Subject } from "../subject";
import { Check, Found } from "../types";

/** The stack leads calls by IPv4. What of a cluster with both families is held without it, and what is not. */
export const families: Check = {
  name: "address-families",
  promise:
    "gateways and guarded pods have IPv4 addresses, and no pod calls past its sidecar by IPv6 where no NetworkPolicy holds it",
  needs: ({ guarded, gatewayNamespace }) =>
    [...guarded, gatewayNamespace].map((namespace) => ({ resource: "pods", namespace })),
  run: ({ guarded, enforced, gatewayNamespace }: Subject, snapshot: Snapshot) => [
    ...[...guarded, gatewayNamespace].flatMap((namespace) =>
      found(namespace, snapshot, (pod) => addressesOf(pod).length > 0 && !addressesOf(pod).some(isV4), withoutV4),
    ),
    ...guarded
      .filter((namespace) => !enforced.includes(namespace))
      .flatMap((namespace) => found(namespace, snapshot, (pod) => addressesOf(pod).some(isV6), unseen)),
  ],
};

const withoutV4 = {
  severity: "breaks-workload",
  problem: "It has no IPv4 address. Gateways are called, and call, by IPv4 only: nothing that is granted passes.",
  fix: "Give the cluster IPv4 addresses beside those of IPv6: one with IPv6 only is not supported.",
} as const;

const unseen = {
  severity: "warning",
  problem:
    "It has an IPv6 address, and no NetworkPolicy holds its namespace yet. Where the mesh knows of IPv4 only, sidecars do not " +
    "take what goes by IPv6: it is neither led through a gateway nor in any log.",
  fix: "Learn from the log with that in mind. Once the namespace is enforced, its NetworkPolicies open no way out by IPv6.",
} as const;

function found(
  namespace: string,
  snapshot: Snapshot,
  isWrong: (pod: Pod) => boolean,
  finding: Pick<Found, "severity" | "problem" | "fix">,
): Found[] {
  const pods = snapshot.of<Pod>("Pod", namespace).filter((pod) => isAlive(pod) && !onNode(pod) && isWrong(pod));
  return ownersOf(pods, snapshot).map((owner) => ({
    ...finding,
    object: ownerName(owner),
    evidence: owner.pods.map((pod) => `Pod ${pod.metadata.name}: ${addressesOf(pod).join(", ")}`),
    commands: [],
  }));
}

function addressesOf({ status: { podIP, podIPs = [] } = {} }: Pod): string[] {
  return podIPs.length > 0 ? podIPs.map(({ ip }) => ip) : podIP === undefined ? [] : [podIP];
}

/** Its addresses are the node's. */
function onNode({ spec }: Pod): boolean {
  return spec.hostNetwork === true;
}

const isV6 = (address: string): boolean => address.includes(":");
const isV4 = (address: string): boolean => !isV6(address);
