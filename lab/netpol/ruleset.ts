/** From pod rules to the text that `nft -f -` applies in one transaction. Pure. */
import { formatAddress } from "./addresses";
import { Definitions } from "./definitions";
import { PodRules } from "./policy";
import { ipv6Part } from "./ruleset-ipv6";

export const table = "istio-egress-netpol";

/**
 * The whole table, in place of what it held before.
 *
 * A packet is judged by the flow that it belongs to, whichever way it goes: `ct original ip saddr` is the address
 * that opened the flow, `ct reply ip saddr` and `ct reply proto-src` are the endpoint that was called, service
 * addresses translated already. So a new denial cuts flows that exist, in both directions, and answers need no
 * rules of their own. Packets without a flow are dropped, and a TCP flow starts with a SYN: else the answer in a
 * flow that conntrack has lost would pass for the start of one in the other direction.
 *
 * `fib saddr . iif oif missing` is a packet that came from where its source address is not: a forged one.
 */
export function ruleset(pods: readonly PodRules[], podCidr: string): string {
  const definitions = new Definitions();
  const verdicts = pods.map(({ address, ingress, egress }) => ({
    address: formatAddress(address),
    ingress: definitions.verdict("ingress", ingress),
    egress: definitions.verdict("egress", egress),
  }));

  const ipv6 = ipv6Part(pods, definitions);

  return `add table inet ${table}
delete table inet ${table}
table inet ${table} {
${definitions.text()}
  map egress-of {
    type ipv4_addr : verdict
${elements(verdicts.map(({ address, egress }) => `${address} : ${egress}`))}
  }
  map ingress-of {
    type ipv4_addr : verdict
${elements(verdicts.map(({ address, ingress }) => `${address} : ${ingress}`))}
  }
  set itself {
    type ipv4_addr . ipv4_addr
${elements(verdicts.map(({ address }) => `${address} . ${address}`))}
  }
${ipv6}
  chain forward {
    type filter hook forward priority filter; policy accept;
    meta nfproto ipv6 goto forward-6
    fib saddr . iif oif missing drop
    jump check-flow
    ct original ip saddr . ct reply ip saddr @itself accept
    jump check-egress
    jump check-ingress
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iif lo accept
    meta nfproto ipv6 goto input-6
    fib saddr . iif oif missing drop
    ip saddr != ${podCidr} accept
    jump check-flow
    ct direction reply accept
    jump check-egress
  }
  chain output {
    type filter hook output priority filter; policy accept;
    oif lo accept
    meta nfproto ipv6 goto output-6
    ip daddr != ${podCidr} accept
    jump check-flow
    ct direction original accept
    jump check-egress
  }

  chain check-flow {
    ct state invalid,untracked drop
    ct state new tcp flags & (fin | syn | rst | ack) != syn drop
    ct state related meta l4proto { icmp, icmpv6 } accept
  }
  chain check-egress {
    ct original ip saddr != ${podCidr} return
    ct original ip saddr vmap @egress-of
    drop
  }
  chain check-ingress {
    ct reply ip saddr != ${podCidr} return
    ct reply ip saddr vmap @ingress-of
    drop
  }
}
`;
}

/** nftables refuses an empty list of elements. */
export function elements(values: string[]): string {
  return values.length === 0 ? "" : `    elements = { ${values.join(", ")} }`;
}
