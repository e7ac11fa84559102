/** From pods, namespaces and NetworkPolicies to what every pod address may reach and be reached by. Pure. */
import { everyAddress, mergeRanges, Range, rangesHold } from "./addresses";
import { PeerLookup, peerLookup } from "./peers";
import { Namespace, NetworkPolicy, NetworkPolicySpec, Pod, PolicyPeer, PolicyPort, Protocol } from "./resources";
import { selectorMatches } from "../../model/ground/label-selector";

export interface ClusterState {
  pods: readonly Pod[];
  namespaces: readonly Namespace[];
  policies: readonly NetworkPolicy[];
}

/** Traffic that is let through: with any of these peers, to any of these ports of whoever is called. */
export interface Allow {
  /** Merged, never empty. */
  peers: Range[];
  /** That the rule names no peers: it means addresses of IPv6 too, which `peers` have none of. @default false */
  anyPeer?: true;
  /** Merged ports of one protocol. Absent: every port of every protocol, ICMP too. */
  transport?: Transport;
}

interface Transport {
  protocol: Protocol;
  ports: Range[];
}

/** What holds for one pod address. A direction that no policy isolates is absent, one that is isolated lists the union. */
export interface PodRules {
  address: number;
  ingress?: Allow[];
  egress?: Allow[];
}

/** A policy with its peers looked up. Ingress ports stay as written: their names mean another port on every pod. */
interface ResolvedPolicy {
  spec: NetworkPolicySpec;
  ingress?: { peers: Range[]; ports: PolicyPort[]; anyPeer: boolean }[];
  egress?: Allow[];
}

/**
 * The rules of every pod that has an address of its own, by ascending address. An address that two pods claim,
 * as may happen while one of them is torn down, has none: it is treated like that of an unknown pod.
 */
export function podRules(state: ClusterState): PodRules[] {
  const pods = podsByAddress(state.pods);
  const lookup = peerLookup(pods, state.namespaces);
  const policiesOf = new Map<string, ResolvedPolicy[]>();
  for (const policy of state.policies) {
    const { namespace } = policy.metadata;
    policiesOf.set(namespace, [...(policiesOf.get(namespace) ?? []), resolvePolicy(policy, lookup, pods)]);
  }
  return [...pods].map(([address, pod]) => rulesOfPod(address, pod, policiesOf.get(pod.namespace) ?? []));
}

function podsByAddress(pods: readonly Pod[]): Map<number, Pod> {
  const claims = new Map<number, Pod[]>();
  for (const pod of pods) {
    if (pod.address !== undefined) claims.set(pod.address, [...(claims.get(pod.address) ?? []), pod]);
  }
  const single = [...claims].flatMap(([address, [pod, rival]]): [number, Pod][] =>
    pod === undefined || rival !== undefined ? [] : [[address, pod]],
  );
  return new Map(single.sort(([a], [b]) => a - b));
}

function resolvePolicy(policy: NetworkPolicy, lookup: PeerLookup, pods: ReadonlyMap<number, Pod>): ResolvedPolicy {
  const { spec, metadata } = policy;
  const isolated = spec.policyTypes ?? (spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"]);
  const ingress = (spec.ingress ?? []).map(({ from, ports = [] }) => ({
    ...{ peers: lookup(from, metadata.namespace), ports, anyPeer: isAny(from) },
  }));
  const egress = (spec.egress ?? []).map(({ to, ports = [] }) => ({
    ...{ peers: lookup(to, metadata.namespace), ports, anyPeer: isAny(to) },
  }));
  return {
    spec,
    ingress: isolated.includes("Ingress") ? ingress : undefined,
    egress: isolated.includes("Egress")
      ? egress.flatMap(({ peers, ports, anyPeer }) => marked(egressAllows(peers, ports, pods), anyPeer))
      : undefined,
  };
}

function isAny(peers: PolicyPeer[] | undefined): boolean {
  return peers === undefined || peers.length === 0;
}

/** A port's name stands for pods' IPv4 addresses; what is left of the rule then is not everybody. */
function marked(allows: Allow[], anyPeer: boolean): Allow[] {
  return allows.map((allow) =>
    anyPeer && rangesHold(allow.peers, 0) && rangesHold(allow.peers, everyAddress.last)
      ? { ...allow, anyPeer: true }
      : allow,
  );
}

function rulesOfPod(address: number, pod: Pod, policies: ResolvedPolicy[]): PodRules {
  const selecting = policies.filter(({ spec }) => selectorMatches(spec.podSelector ?? {}, pod.labels));
  const ingress = selecting.flatMap((policy) => (policy.ingress ? [policy.ingress] : []));
  const egress = selecting.flatMap((policy) => (policy.egress ? [policy.egress] : []));
  return {
    address,
    ingress:
      ingress.length === 0
        ? undefined
        : ingress.flat().flatMap((rule) => marked(ingressAllows(rule.peers, rule.ports, pod), rule.anyPeer)),
    egress: egress.length === 0 ? undefined : egress.flat(),
  };
}

function ingressAllows(peers: Range[], ports: PolicyPort[], called: Pod): Allow[] {
  if (ports.length === 0) return allowsOf(peers, undefined);
  return allowsOf(
    peers,
    ports.flatMap((port) => transportOn(port, called) ?? []),
  );
}

/** A name leads to a port of its own on every pod that may be called, and to none on an address that is no pod's. */
function egressAllows(peers: Range[], ports: PolicyPort[], pods: ReadonlyMap<number, Pod>): Allow[] {
  if (ports.length === 0) return allowsOf(peers, undefined);
  const numbered = ports.flatMap((port) => numberedTransport(port) ?? []);
  const named = ports.filter((port) => typeof port.port === "string");
  const addressesOf = new Map<string, { transport: Transport; addresses: Range[] }>();
  for (const [address, pod] of named.length === 0 ? [] : pods) {
    if (!rangesHold(peers, address)) continue;
    for (const transport of named.flatMap((port) => transportOn(port, pod) ?? [])) {
      const key = JSON.stringify(transport);
      const entry = addressesOf.get(key) ?? { transport, addresses: [] };
      entry.addresses.push({ first: address, last: address });
      addressesOf.set(key, entry);
    }
  }
  return [
    ...allowsOf(peers, numbered),
    ...[...addressesOf.values()].flatMap(({ transport, addresses }) => allowsOf(mergeRanges(addresses), [transport])),
  ];
}

/** One Allow for every protocol; `undefined` transports mean any, an empty list means none. */
function allowsOf(peers: Range[], transports: Transport[] | undefined): Allow[] {
  if (peers.length === 0) return [];
  if (transports === undefined) return [{ peers }];
  const portsOf = new Map<Protocol, Range[]>();
  for (const { protocol, ports } of transports) portsOf.set(protocol, [...(portsOf.get(protocol) ?? []), ...ports]);
  return [...portsOf].map(([protocol, ports]) => ({ peers, transport: { protocol, ports: mergeRanges(ports) } }));
}

/** What a policy's port means on the pod that is called; undefined when it has no port of that name. */
function transportOn(port: PolicyPort, called: Pod): Transport | undefined {
  if (typeof port.port !== "string") return numberedTransport(port);
  const protocol = port.protocol ?? "TCP";
  const found = called.namedPorts.find((named) => named.name === port.port && named.protocol === protocol);
  return found === undefined ? undefined : { protocol, ports: [{ first: found.port, last: found.port }] };
}

function numberedTransport({ protocol = "TCP", port, endPort }: PolicyPort): Transport | undefined {
  if (typeof port === "string") return undefined;
  const first = port ?? 0;
  const last = port === undefined ? 65535 : (endPort ?? port);
  return { protocol, ports: [{ first, last }] };
}
