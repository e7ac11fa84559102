/** Whom the peers of a policy's rule stand for: selectors and blocks looked up to addresses. Pure. */
import { everyAddress, mergeRanges, parseCidr, Range, subtractRanges } from "./addresses";
import { Namespace, Pod, PolicyPeer } from "./resources";
import { Labels, LabelSelector, selectorMatches } from "../../model/ground/label-selector";

/** Merged ranges of the addresses that the `from` or `to` of a rule of a policy in `namespace` names. */
export type PeerLookup = (peers: PolicyPeer[] | undefined, namespace: string) => Range[];

/** Selectors that occur more than once, as they do in most clusters, are looked up once. */
export function peerLookup(pods: ReadonlyMap<number, Pod>, namespaces: readonly Namespace[]): PeerLookup {
  const labelsOf = new Map(namespaces.map(({ name, labels }) => [name, labels]));
  const found = new Map<string, Range[]>();

  return (peers = [], namespace) => {
    if (peers.length === 0) return [everyAddress];
    return mergeRanges(
      peers.flatMap((peer) => {
        if (peer.ipBlock !== undefined) return blockRanges(peer.ipBlock);
        const home = peer.namespaceSelector === undefined ? namespace : undefined;
        const key = JSON.stringify([home, peer.namespaceSelector, peer.podSelector]);
        const ranges = found.get(key) ?? selectedRanges(peer, home, pods, labelsOf);
        found.set(key, ranges);
        return ranges;
      }),
    );
  };
}

/** A block or exception of IPv6 holds no IPv4 address. */
function blockRanges({ cidr, except = [] }: { cidr: string; except?: string[] }): Range[] {
  const block = parseCidr(cidr);
  return block === undefined
    ? []
    : subtractRanges(
        block,
        except.flatMap((hole) => parseCidr(hole) ?? []),
      );
}

/** A peer without any selector is refused by the API server; here it would stand for nobody. */
function selectedRanges(
  { podSelector, namespaceSelector }: { podSelector?: LabelSelector; namespaceSelector?: LabelSelector },
  home: string | undefined,
  pods: ReadonlyMap<number, Pod>,
  labelsOf: ReadonlyMap<string, Labels>,
): Range[] {
  if (podSelector === undefined && namespaceSelector === undefined) return [];
  const inReach = (namespace: string): boolean => {
    if (namespaceSelector === undefined) return namespace === home;
    const labels = labelsOf.get(namespace);
    return labels !== undefined && selectorMatches(namespaceSelector, labels);
  };
  return [...pods]
    .filter(([, pod]) => inReach(pod.namespace) && selectorMatches(podSelector ?? {}, pod.labels))
    .map(([address]) => ({ first: address, last: address }));
}
