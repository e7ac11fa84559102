import { selectorMatches } from "../../ground/label-selector";
import { otherPolicyKinds } from "../../ground/other-policies";
import { managerOf } from "../managers";
import { isAlive, Pod } from "../pods";
import { covers, Direction, governs, NetworkPolicy, openingsOf, openingText } from "../reach";
import { LiveObject, named, Snapshot } from "../snapshot";
import { isPlanned, Subject } from "../subject";
import { Check, Found } from "../types";

/** Policies of other makers, which say more than NetworkPolicies can, and are not read here. */
const otherKinds = otherPolicyKinds.map(({ kind, group, resource }) => ({
  kind: `${kind}.${group}`,
  resource: `${resource}.${group}`,
}));

/** Resources that are read where a cluster has them. */
export const otherPolicyResources = otherKinds.map(({ resource }) => resource);

/** NetworkPolicies add up: what one of somebody else's allows is open, whatever the stack's say. */
export const networkPolicies: Check = {
  name: "network-policies",
  promise: "no NetworkPolicy of somebody else's opens more than the stack's do",
  needs: ({ guarded, gatewayNamespace }) =>
    [...guarded, gatewayNamespace].flatMap((namespace) =>
      ["networkpolicies.networking.k8s.io", "pods"].map((resource) => ({ resource, namespace })),
    ),
  run: (subject, snapshot) => [
    ...[...subject.guarded, subject.gatewayNamespace].flatMap((namespace) => [
      ...opened(subject, snapshot, namespace, "Egress"),
      ...opened(subject, snapshot, namespace, "Ingress"),
    ]),
    ...ofOtherKinds(subject, snapshot),
  ],
};

/** Directions that the stack does not govern in a namespace are open anyway. */
function opened(subject: Subject, snapshot: Snapshot, namespace: string, direction: Direction): Found[] {
  const ours = subject.policies.get(namespace) ?? [];
  if (!ours.some((policy) => governs(policy, direction))) {
    return [];
  }
  const allowed = ours.flatMap((policy) => openingsOf(policy, direction));
  return snapshot
    .of<NetworkPolicy>("NetworkPolicy.networking.k8s.io", namespace)
    .filter((policy) => !isPlanned(subject, policy))
    .flatMap((policy) => {
      const more = openingsOf(policy, direction).filter((opening) => !allowed.some((ours) => covers(ours, opening)));
      return more.length === 0 ? [] : [finding(subject, snapshot, policy, direction, more)];
    });
}

function finding(
  subject: Subject,
  snapshot: Snapshot,
  policy: NetworkPolicy,
  direction: Direction,
  more: ReturnType<typeof openingsOf>,
): Found {
  const { namespace, name } = policy.metadata;
  const pods = snapshot.of<Pod>("Pod", namespace).filter(isAlive);
  const today = pods.filter(({ metadata }) => selectorMatches(policy.spec.podSelector ?? {}, metadata.labels));
  const atGateway = namespace === subject.gatewayNamespace;
  const way = direction === "Egress" ? "out" : "in";
  return {
    severity: today.length === 0 ? "warning" : "breaks-guard",
    object: named(policy),
    problem:
      `It opens a way ${way} that the stack does not: NetworkPolicies add up` +
      `${atGateway ? ", and these pods are the gateways" : ""}.` +
      `${today.length === 0 ? " It takes in no pod today." : ""}`,
    evidence: [
      ...more.slice(0, 8).map((opening) => `opens ${openingText(opening, direction)}`),
      ...(more.length > 8 ? [`and ${more.length - 8} more`] : []),
      `pods that it takes in today: ${today.length}`,
      ...managerOf(policy),
    ],
    fix:
      direction === "Egress" && !atGateway
        ? "Delete it. What a workload needs of it is written in the stack: hosts as destinations, private addresses as services beside the mesh, each with a rule."
        : "Delete it.",
    commands: [`kubectl delete networkpolicies.networking.k8s.io ${name} --namespace ${namespace}`],
    ...(direction === "Egress" && !atGateway ? { config: configFor(namespace!, more) } : {}),
  };
}

function configFor(namespace: string, more: ReturnType<typeof openingsOf>): string {
  const addresses = more.flatMap(({ peer }) => (peer?.ipBlock === undefined ? [] : [peer.ipBlock.cidr]));
  const narrow = addresses.filter((cidr) => !/\/[0-7]$/.test(cidr));
  return narrow.length > 0
    ? `istio-egress:outside.<name>: {namespace: ${namespace}, addresses: [${[...new Set(narrow)].join(", ")}], via: bypass}`
    : `istio-egress:allow[]: {from: ${namespace}/<workload>, to: <destination>}`;
}

function ofOtherKinds({ guarded, gatewayNamespace }: Subject, snapshot: Snapshot): Found[] {
  const own = new Set([...guarded, gatewayNamespace]);
  return otherKinds.flatMap(({ kind }) =>
    snapshot
      .of(kind)
      .filter(({ metadata }) => metadata.namespace === undefined || own.has(metadata.namespace))
      .map((policy) => ({
        severity: "unchecked",
        object: named(policy),
        problem: `A policy of ${policy.apiVersion}, which may open what the stack's NetworkPolicies leave shut: it is not read here.`,
        evidence: managerOf(policy),
        fix: "Read it, and see that it allows the stack's namespaces nothing.",
        commands: [`kubectl get ${kindResource(kind)} ${policy.metadata.name} ${inNamespace(policy)}--output yaml`],
      })),
  );
}

function kindResource(kind: string): string {
  return otherKinds.find((other) => other.kind === kind)!.resource;
}

function inNamespace({ metadata: { namespace } }: LiveObject): string {
  return namespace === undefined ? "" : `--namespace ${namespace} `;
}
