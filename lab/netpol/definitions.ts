/** Sets and chains that pods share: two pods with the same rules lead to one chain, two rules with the same peers to one set. */
import { everyAddress, formatAddress, Range } from "./addresses";
import { Allow } from "./policy";

/** How a rule names the other end of a flow, and the port that is called, in nftables' terms. */
const peerOf = { ingress: "ct original ip saddr", egress: "ct reply ip saddr" };
const portOfCalled = "ct reply proto-src";

export class Definitions {
  private readonly byBody = new Map<string, { kind: "chain" | "set"; name: string }>();

  /** The verdict on traffic of a pod: let through what is not isolated, drop what nothing allows, else ask a chain. */
  verdict(direction: "ingress" | "egress", allows: readonly Allow[] | undefined): string {
    if (allows === undefined) return "return";
    if (allows.length === 0) return "drop";
    const rules = new Set(allows.map((allow) => `    ${this.condition(direction, allow)}return\n`));
    return `goto ${this.define("chain", "rules", `${[...rules].join("")}    drop\n`)}`;
  }

  /** The verdict on a pod's traffic by IPv6: only rules that name no peers let it through. */
  verdict6(direction: "ingress" | "egress", allows: readonly Allow[] | undefined): string {
    return this.verdict(
      direction,
      allows?.filter(({ anyPeer }) => anyPeer),
    );
  }

  /** All definitions that verdicts refer to, as lines inside a table. */
  text(): string {
    return [...this.byBody].map(([body, { kind, name }]) => `  ${kind} ${name} {\n${body}  }\n`).join("");
  }

  private condition(direction: "ingress" | "egress", { peers, transport }: Allow): string {
    const fromPeer = isWhole(peers, everyAddress.last) ? "" : `${peerOf[direction]} @${this.peerSet(peers)} `;
    if (transport === undefined) return fromPeer;
    const { protocol, ports } = transport;
    const toPort = isWhole(ports, 65535) ? "" : `${portOfCalled} @${this.portSet(ports)} `;
    return `${fromPeer}meta l4proto ${protocol.toLowerCase()} ${toPort}`;
  }

  private peerSet(peers: Range[]): string {
    return this.define("set", "peers", intervals("ipv4_addr", peers, formatAddress));
  }

  private portSet(ports: Range[]): string {
    return this.define("set", "ports", intervals("inet_service", ports, String));
  }

  /** The name of the definition with this body, a new one if there is none yet. */
  private define(kind: "chain" | "set", prefix: string, body: string): string {
    const definition = this.byBody.get(body) ?? { kind, name: `${prefix}${this.byBody.size + 1}` };
    this.byBody.set(body, definition);
    return definition.name;
  }
}

function intervals(type: string, ranges: Range[], format: (value: number) => string): string {
  const elements = ranges.map(({ first, last }) =>
    first === last ? format(first) : `${format(first)}-${format(last)}`,
  );
  return `    type ${type}; flags interval\n    elements = { ${elements.join(", ")} }\n`;
}

function isWhole(ranges: Range[], last: number): boolean {
  return ranges[0]?.first === 0 && ranges[0].last === last;
}
