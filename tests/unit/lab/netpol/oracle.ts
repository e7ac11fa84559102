import { NetworkPolicy, Pod, PolicyPeer, PolicyPort, Protocol } from "../../../../lab/netpol/resources";
import { LabelSelector } from "../../../../model/ground/label-selector";

/** A flow from one address to a port of another. */
export interface Flow {
  from: number;
  to: number;
  protocol: Protocol;
  port: number;
}

export interface World {
  pods: Pod[];
  namespaces: { name: string; labels: Record<string, string> }[];
  policies: NetworkPolicy[];
}

/**
 * The answer of NetworkPolicy's documentation to one question, asked of the objects themselves: slow, without sets,
 * ranges or sharing, and without a line of the enforcer's.
 */
export function oracleAllows(world: World, flow: Flow): boolean {
  const owner = (address: number): Pod | undefined => {
    const owners = world.pods.filter((pod) => pod.address === address);
    return owners.length === 1 ? owners[0] : undefined;
  };
  const source = owner(flow.from);
  const target = owner(flow.to);

  const selects = (selector: LabelSelector | undefined, labels: Record<string, string>): boolean => {
    for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) if (labels[key] !== value) return false;
    for (const { key, operator, values } of selector?.matchExpressions ?? []) {
      if (operator === "Exists" && !(key in labels)) return false;
      if (operator === "DoesNotExist" && key in labels) return false;
      if (operator === "In" && !values!.some((value) => labels[key] === value)) return false;
      if (operator === "NotIn" && values!.some((value) => labels[key] === value)) return false;
    }
    return true;
  };

  const inCidr = (address: number, cidr: string): boolean => {
    const [base, bits] = cidr.split("/");
    const number = base!.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
    const shift = 32n - BigInt(bits!);
    return BigInt(address) >> shift === number >> shift;
  };

  const isPeer = (peer: PolicyPeer, address: number, pod: Pod | undefined, policy: NetworkPolicy): boolean => {
    if (peer.ipBlock) {
      if (!inCidr(address, peer.ipBlock.cidr)) return false;
      return !(peer.ipBlock.except ?? []).some((cidr) => inCidr(address, cidr));
    }
    if (!pod) return false;
    if (!peer.namespaceSelector) {
      return pod.namespace === policy.metadata.namespace && selects(peer.podSelector, pod.labels);
    }
    const namespace = world.namespaces.find(({ name }) => name === pod.namespace);
    return (
      namespace !== undefined &&
      selects(peer.namespaceSelector, namespace.labels) &&
      selects(peer.podSelector, pod.labels)
    );
  };

  const isPort = (port: PolicyPort): boolean => {
    const protocol = port.protocol ?? "TCP";
    if (protocol !== flow.protocol) return false;
    if (port.port === undefined) return true;
    if (typeof port.port === "number") return flow.port >= port.port && flow.port <= (port.endPort ?? port.port);
    return target?.namedPorts.find((one) => one.name === port.port && one.protocol === protocol)?.port === flow.port;
  };

  const direction = (pod: Pod | undefined, type: "Ingress" | "Egress"): boolean => {
    if (!pod) return true;
    let isolated = false;
    for (const policy of world.policies) {
      const { spec, metadata } = policy;
      if (metadata.namespace !== pod.namespace || !selects(spec.podSelector, pod.labels)) continue;
      const implied = type === "Ingress" || (spec.egress ?? []).length > 0;
      if (!(spec.policyTypes ? spec.policyTypes.includes(type) : implied)) continue;
      isolated = true;
      const rules =
        type === "Ingress"
          ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
          : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
      const [address, other] = type === "Ingress" ? [flow.from, source] : [flow.to, target];
      for (const { peers = [], ports = [] } of rules) {
        const peerFits = peers.length === 0 || peers.some((peer) => isPeer(peer, address, other, policy));
        if (peerFits && (ports.length === 0 || ports.some(isPort))) return true;
      }
    }
    return !isolated;
  };

  return direction(source, "Egress") && direction(target, "Ingress");
}
