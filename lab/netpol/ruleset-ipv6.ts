/** The part of the enforcer's table that judges IPv6. Pure. */
import { network } from "../topology";
import { addressBehind } from "./addresses";
import { Definitions } from "./definitions";
import { PodRules } from "./policy";
import { elements } from "./ruleset";

/** By which a pod may be met on its own link, and the node's end of it. */
export const linkPrefix6 = "fe80::";

/**
 * Maps and chains for IPv6, where a pod has the addresses that end in its IPv4 one: one that is routed, and one of its link.
 *
 * A pod that no policy isolates may do all; one that is isolated what rules without peers allow, as selectors and blocks stand
 * for IPv4 addresses here. Whatever comes from another address than a pod's is dropped: the outside opens no connections by IPv6.
 * Neighbours find each other by packets that conntrack does not follow, so these come first.
 */
export function ipv6Part(pods: readonly PodRules[], definitions: Definitions): string {
  const verdicts = pods.flatMap(({ address, ingress, egress }) =>
    [network.podPrefix6, linkPrefix6].map((prefix) => ({
      address: addressBehind(prefix, address),
      ingress: definitions.verdict6("ingress", ingress),
      egress: definitions.verdict6("egress", egress),
    })),
  );
  return `
  map egress-of-6 {
    type ipv6_addr : verdict
${elements(verdicts.map(({ address, egress }) => `${address} : ${egress}`))}
  }
  map ingress-of-6 {
    type ipv6_addr : verdict
${elements(verdicts.map(({ address, ingress }) => `${address} : ${ingress}`))}
  }

  chain forward-6 {
    fib saddr . iif oif missing drop
    jump check-flow
    jump check-egress-6
    ct reply ip6 saddr != ${network.podPrefix6}/96 accept
    ct reply ip6 saddr vmap @ingress-of-6
    drop
  }
  chain input-6 {
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
    fib saddr . iif oif missing drop
    jump check-flow
    ct direction reply accept
    goto check-egress-6
  }
  chain output-6 {
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    jump check-flow
    ct direction original accept
    goto check-egress-6
  }
  chain check-egress-6 {
    ct original ip6 saddr vmap @egress-of-6
    drop
  }
`;
}
