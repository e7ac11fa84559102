import { contains, overlap, parseCidr } from "../ground/cidr";
import { LabelSelector, LabelRequirement, selectorMatches } from "../ground/label-selector";
import { requirementsOf, selectorText } from "./labels";
import { Labels, LiveObject } from "./snapshot";

export type Direction = "Egress" | "Ingress";

export interface Peer {
  ipBlock?: { cidr: string; except?: string[] };
  namespaceSelector?: LabelSelector;
  podSelector?: LabelSelector;
}

export interface Port {
  /** @default "TCP" */
  protocol?: string;
  /** A number, or the name of a container's port. @default every port */
  port?: number | string;
  endPort?: number;
}

interface Rule {
  to?: Peer[];
  from?: Peer[];
  ports?: Port[];
}

export interface NetworkPolicy extends LiveObject {
  spec: { podSelector?: LabelSelector; policyTypes?: string[]; egress?: Rule[]; ingress?: Rule[] };
}

/** What one rule lets through: a peer and a port of it; without one, every peer or every port. */
export interface Opening {
  namespace: string;
  pods: LabelSelector;
  peer?: Peer;
  port?: Port;
}

/** A call's other end: an address, and where a pod has it, that pod's labels and its namespace's. */
export interface Target {
  address: string;
  pod?: { labels: Labels; namespaceLabels: Labels };
  protocol: "TCP" | "UDP";
  port: number;
}

const nameLabel = "kubernetes.io/metadata.name";

/** Whether a policy says anything of a direction: then only what policies allow is open in it. */
export function governs({ spec }: NetworkPolicy, direction: Direction): boolean {
  const types = spec.policyTypes ?? (spec.egress === undefined ? ["Ingress"] : ["Ingress", "Egress"]);
  return types.includes(direction);
}

/** Everything that a policy lets through in a direction, peer by peer and port by port. */
export function openingsOf(policy: NetworkPolicy, direction: Direction): Opening[] {
  const rules = (direction === "Egress" ? policy.spec.egress : policy.spec.ingress) ?? [];
  const { podSelector: pods = {} } = policy.spec;
  const namespace = policy.metadata.namespace!;
  return governs(policy, direction)
    ? rules.flatMap(({ to, from, ports }) => {
        const peers = (direction === "Egress" ? to : from) ?? [];
        return orAll(peers).flatMap((peer) =>
          orAll(ports ?? []).map((port) => ({
            namespace,
            pods,
            ...(peer === undefined ? {} : { peer }),
            ...(port === undefined ? {} : { port }),
          })),
        );
      })
    : [];
}

/** An empty list of peers, or of ports, is all of them. */
function orAll<T>(list: T[]): (T | undefined)[] {
  return list.length === 0 ? [undefined] : list;
}

/** Whether all that one opening lets through is let through by another, whatever pods and namespaces come yet. */
export function covers(outer: Opening, inner: Opening): boolean {
  return (
    outer.namespace === inner.namespace &&
    narrower(inner.pods, outer.pods) &&
    coversPeer(outer, inner) &&
    coversPort(outer.port, inner.port)
  );
}

function coversPeer(outer: Opening, inner: Opening): boolean {
  if (outer.peer === undefined) {
    return true;
  }
  if (inner.peer === undefined) {
    return false;
  }
  if (outer.peer.ipBlock !== undefined || inner.peer.ipBlock !== undefined) {
    return coversRange(outer.peer.ipBlock, inner.peer.ipBlock);
  }
  return (
    narrower(inner.peer.podSelector ?? {}, outer.peer.podSelector ?? {}) &&
    narrower(namespacesOf(inner), namespacesOf(outer))
  );
}

/** A peer without a selector of namespaces is in the policy's own. */
function namespacesOf({ namespace, peer }: Opening): LabelSelector {
  return peer?.namespaceSelector ?? { matchLabels: { [nameLabel]: namespace } };
}

function coversRange(outer: Peer["ipBlock"], inner: Peer["ipBlock"]): boolean {
  if (outer === undefined || inner === undefined) {
    return false;
  }
  const [wide, narrow] = [parseCidr(outer.cidr), parseCidr(inner.cidr)];
  if (wide === undefined || narrow === undefined) {
    return outer.cidr === inner.cidr && (outer.except ?? []).length === 0;
  }
  const spared = (inner.except ?? []).map(parseCidr);
  return (
    contains(wide, narrow) &&
    (outer.except ?? []).every((text) => {
      const except = parseCidr(text);
      return (
        except !== undefined &&
        (!overlap(except, narrow) || spared.some((range) => range !== undefined && contains(range, except)))
      );
    })
  );
}

function coversPort(outer: Port | undefined, inner: Port | undefined): boolean {
  if (outer === undefined) {
    return true;
  }
  if (inner === undefined || (outer.protocol ?? "TCP") !== (inner.protocol ?? "TCP")) {
    return false;
  }
  if (outer.port === undefined || typeof outer.port === "string" || typeof inner.port !== "number") {
    return outer.port === undefined || outer.port === inner.port;
  }
  return outer.port <= inner.port && (inner.endPort ?? inner.port) <= (outer.endPort ?? outer.port);
}

/** Whether a selector takes in nothing that another does not, by what the two say. */
function narrower(inner: LabelSelector, outer: LabelSelector): boolean {
  const given = requirementsOf(inner);
  return requirementsOf(outer).every((wanted) => given.some((one) => implies(one, wanted)));
}

function implies(one: LabelRequirement, wanted: LabelRequirement): boolean {
  if (one.key !== wanted.key) {
    return false;
  }
  if (wanted.operator === "Exists") {
    return one.operator === "Exists" || one.operator === "In";
  }
  return wanted.operator === "In"
    ? one.operator === "In" && (one.values ?? []).every((value) => wanted.values?.includes(value))
    : JSON.stringify(one) === JSON.stringify(wanted);
}

/** Whether an opening lets a pod's call through. */
export function lets(opening: Opening, labels: Labels | undefined, target: Target): boolean {
  return (
    selectorMatches(opening.pods, labels) &&
    (opening.peer === undefined || isPeer(opening, target)) &&
    coversPort(opening.port, { protocol: target.protocol, port: target.port })
  );
}

function isPeer(opening: Opening, { address, pod }: Target): boolean {
  const peer = opening.peer!;
  if (peer.ipBlock !== undefined) {
    return coversRange(peer.ipBlock, { cidr: `${address}/32` });
  }
  return (
    pod !== undefined &&
    selectorMatches(namespacesOf(opening), pod.namespaceLabels) &&
    selectorMatches(peer.podSelector ?? {}, pod.labels)
  );
}

/** An opening in words: `pods app=a to 0.0.0.0/0 except 10.0.0.0/8, TCP 443`. */
export function openingText({ pods, peer, port }: Opening, direction: Direction): string {
  const whose = selectorText(pods);
  const subject = whose === "" ? "every pod" : `pods ${whose}`;
  return `${subject} ${direction === "Egress" ? "to" : "from"} ${peerText(peer)}, ${portText(port)}`;
}

function peerText(peer: Peer | undefined): string {
  if (peer === undefined) {
    return "every address";
  }
  if (peer.ipBlock !== undefined) {
    const { cidr, except = [] } = peer.ipBlock;
    return except.length === 0 ? cidr : `${cidr} except ${except.join(", ")}`;
  }
  const pods = selectorText(peer.podSelector ?? {});
  const whose = pods === "" ? "every pod" : `pods ${pods}`;
  if (peer.namespaceSelector === undefined) {
    return `${whose} of the same namespace`;
  }
  const namespaces = selectorText(peer.namespaceSelector);
  return `${whose} of ${namespaces === "" ? "every namespace" : `namespaces ${namespaces}`}`;
}

function portText(port: Port | undefined): string {
  if (port === undefined) {
    return "every port";
  }
  const { protocol = "TCP", port: number, endPort } = port;
  return number === undefined
    ? `every ${protocol} port`
    : `${protocol} ${number}${endPort === undefined ? "" : `-${endPort}`}`;
}
