import * as path from "node:path";
import { formatAddress } from "../../../lab/netpol/addresses";
import { ClusterState, podRules } from "../../../lab/netpol/policy";
import { network } from "../../../lab/topology";
import { ruleset, table } from "../../../lab/netpol/ruleset";
import { Bundles, Namespace } from "./namespaces";

export const podCidr = "10.244.0.0/24";
export const nodeAddress = "192.168.77.2";
/** What every pod sees as its gateway: an address of the node inside the pods' range. */
export const gatewayAddress = "10.244.0.1";
export const outsideAddress = "10.10.0.4";
export const outsideAddress6 = "2001:db8::4";
/** The node's end of each pod's link. */
export const nodeLinkAddress6 = "fe80::10.244.0.1";
export const servedPorts = [53, 80, 81, 443, 8080];
const firstPod = 0x0af40002;

/**
 * The lab's network in small: a node that routes for pods, each on a link of its own as the ptp plugin makes it, and
 * an outside. In namespaces of its own; nothing is connected to the machine.
 */
export class Machine {
  readonly bundles = new Bundles();
  readonly node = new Namespace("node");
  readonly outside = new Namespace("outside");
  /** By address. */
  readonly pods = new Map<string, Namespace>();

  /** @param podCount pods, at addresses that follow each other from 10.244.0.2 on */
  constructor(private readonly podCount = 5) {}

  async start(): Promise<void> {
    this.connect();
    const agent = this.bundles.make(path.join(__dirname, "agent.ts"));
    const all = [this.node, this.outside, ...this.pods.values()];
    for (const namespace of all) namespace.startAgent(agent);
    await Promise.all(all.map((namespace) => namespace.ask("serve", [...servedPorts, 6443])));
  }

  /** The pod at an address, or the outside. */
  at(address: string): Namespace {
    return this.pods.get(address) ?? this.outside;
  }

  /** Has the node's kernel enforce what the policies of this state mean. */
  enforce(state: ClusterState): void {
    this.node.run("nft", ["-f", "-"], ruleset(podRules(state), podCidr));
  }

  unguard(): void {
    this.node.run("nft", ["-f", "-"], `add table inet ${table}\ndelete table inet ${table}\n`);
  }

  /** Translates service addresses as kube-proxy does: a pod that calls itself this way is masked by the node. */
  translate(rule: string): void {
    const itself = [...this.pods.keys()].map((address) => `${address} . ${address}`).join(", ");
    const text = `add table ip services
delete table ip services
table ip services {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    ${rule}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr . ip daddr { ${itself} } masquerade
  }
}
`;
    this.node.run("nft", ["-f", "-"], text);
  }

  stop(): void {
    for (const namespace of [...this.pods.values(), this.outside, this.node]) namespace.remove();
    this.bundles.remove();
  }

  private connect(): void {
    this.node.ip(`link add to-outside type veth peer name to-node netns ${this.outside.name}
      address add ${nodeAddress}/24 dev to-outside
      link set to-outside up
      route add default via 192.168.77.1 onlink dev to-outside
      address add fd00:77::2/64 dev to-outside nodad
      route add default via fd00:77::1`);
    this.outside.ip(`address add 192.168.77.1/24 dev to-node
      link set to-node up
      address add ${outsideAddress}/32 dev lo
      address add ${outsideAddress6}/128 dev lo
      address add fd00:77::1/64 dev to-node nodad
      route add ${network.podPrefix6}/96 via fd00:77::2
      route add ${podCidr} via ${nodeAddress} src ${outsideAddress}`);
    this.node.run("sysctl", ["-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
    for (let index = 0; index < this.podCount; index++) this.addPod(formatAddress(firstPod + index), index);
  }

  private addPod(address: string, index: number): void {
    const pod = new Namespace(`pod${index}`);
    this.pods.set(address, pod);
    this.node.ip(`link add pod${index} type veth peer name eth0 netns ${pod.name}
      address add ${gatewayAddress}/32 dev pod${index}
      address add fd00:${index}::1/64 dev pod${index} nodad
      link set pod${index} up
      route add ${address} dev pod${index} scope host
      address add ${nodeLinkAddress6}/64 dev pod${index} nodad
      route add ${network.podPrefix6}${address} dev pod${index}`);
    pod.ip(`address add ${address}/32 dev eth0
      address add fd00:${index}::2/64 dev eth0 nodad
      link set eth0 up
      route add ${gatewayAddress} dev eth0 scope link
      route add default via ${gatewayAddress}
      address add ${network.podPrefix6}${address}/128 dev eth0 nodad
      address add fe80::${address}/64 dev eth0 nodad
      route add default via ${nodeLinkAddress6} dev eth0`);
  }
}
