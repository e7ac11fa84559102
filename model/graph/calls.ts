import { selfAndWildcards } from "../ground/hosts";
import { observerName } from "../ground/names";
import { sortedBy, sortedUnique } from "../ground/order";
import { edgeId, idOf } from "./ids";
import { CallCounts, Graph, GraphEdge, GraphNode, SeenCall, SeenPeriod } from "./types";

/** What stands for a host where the caller named none. */
const noHost = "(no host)";

/** Calls of one kind on one way. */
type Tally = GraphEdge["calls"][number];

/** A way that calls took. */
interface Way {
  from: GraphNode;
  gateway: GraphNode;
  to: string;
  tallies: Map<string, Tally>;
}

/** The graph with each call counted on its edge; callers, gateways, hosts and ways that it lacks are added. */
export function addCalls(graph: Graph, seen: readonly SeenCall[]): Graph {
  const ways = waysOf(graph, seen);
  const counted = graph.edges.map((edge) => (edge.via === "gateway" ? withCalls(edge, ways.get(edge.id)) : edge));
  const planned = new Set(graph.edges.map(({ id }) => id));
  const unplanned = [...ways].filter(([id]) => !planned.has(id)).map(([, way]) => wayWithoutRule(way));
  const nodes = withNodes(graph.nodes, [...ways.values()]);
  return { ...graph, nodes, edges: [...counted, ...unplanned], seen: periodOf(seen) };
}

function periodOf(seen: readonly SeenCall[]): SeenPeriod {
  const times = sortedBy(seen, ({ time }) => time);
  const [first, last] = [times.at(0)?.time, times.at(-1)?.time];
  return first === undefined || last === undefined ? {} : { first, last };
}

/** Ways by the id of their edge. */
function waysOf({ nodes }: Graph, seen: readonly SeenCall[]): Map<string, Way> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const byHost = new Map(nodes.flatMap(({ id, hosts }) => hosts.map((host) => [host, id])));
  const ways = new Map<string, Way>();
  for (const call of seen) {
    const { host, protocol } = calledOf(call);
    const from = callerOf(call, byId);
    const gateway = gatewayOfCall(call, byId);
    const to = selfAndWildcards(host).flatMap((listed) => byHost.get(listed) ?? [])[0] ?? "unnamed";
    const id = edgeId({ from: from.id, gateway: gateway.id, to });
    const way = ways.get(id) ?? { from, gateway, to, tallies: new Map<string, Tally>() };
    const key = `${host} ${protocol}`;
    const tally = way.tallies.get(key) ?? { host, protocol, allowed: 0, denied: 0 };
    tally[call.allowed ? "allowed" : "denied"] += 1;
    way.tallies.set(key, tally);
    ways.set(id, way);
  }
  return ways;
}

/** The host that was called and how, in the words of edges: gateways write the port of TCP behind the host. */
function calledOf(call: SeenCall): { host: string; protocol: string } {
  const [, name, port] = (call.protocol === "tcp" && /^(.*):(\d+)$/.exec(call.host)) || [];
  return name === undefined
    ? { host: call.host || noHost, protocol: call.protocol }
    : { host: name, protocol: `${port}/tcp` };
}

/** Whether an edge is for calls of this kind: on a port of a destination's own, whatever is spoken there. */
function opens(edge: GraphEdge, protocol: string): boolean {
  const portOf = (spoken: string) => /^\d+(?=\/)/.exec(spoken)?.[0];
  const port = portOf(protocol);
  return edge.protocols.some((open) => (port === undefined ? open === protocol : portOf(open) === port));
}

/** The workload that made a call; or a stranger, who is the same one whatever port a call came from. */
function callerOf({ from }: SeenCall, nodes: ReadonlyMap<string, GraphNode>): GraphNode {
  const name = from.replace(/^([\d.]+):\d+$/, "$1");
  const workload = nodes.get(idOf("workload", from));
  return workload ?? { id: idOf("stranger", name), kind: "stranger", name, group: "strangers", hosts: [] };
}

/** The gateway that a call came to: the stack's, or one of another time. */
function gatewayOfCall({ gateway: name }: SeenCall, nodes: ReadonlyMap<string, GraphNode>): GraphNode {
  const id = idOf("gateway", name);
  return nodes.get(id) ?? { id, kind: "gateway", name, group: "gateways", hosts: [] };
}

function withNodes(nodes: readonly GraphNode[], ways: readonly Way[]): GraphNode[] {
  const called = ways.flatMap(({ from, gateway }) => [from, gateway]);
  const unnamed = ways.filter(({ to }) => to === "unnamed").flatMap(({ tallies }) => [...tallies.values()]);
  return [
    ...new Map([...called, ...nodes].map((node) => [node.id, node])).values(),
    ...(unnamed.length === 0 ? [] : [unnamedNode(unnamed.map(({ host }) => host))]),
  ];
}

function unnamedNode(hosts: string[]): GraphNode {
  return { id: "unnamed", kind: "unnamed", name: "Named by no rule", group: "closed", hosts: sortedUnique(hosts) };
}

/** A rule's edge; calls that went through by another protocol than the rule's are none of the rule's. */
function withCalls(edge: GraphEdge, way: Way | undefined): GraphEdge {
  const { counts, calls } = countsOf(way);
  const isRuled = calls.every(({ allowed, protocol }) => allowed === 0 || opens(edge, protocol));
  return { ...edge, kind: isRuled ? edge.kind : "unruled", counts, calls };
}

function wayWithoutRule(way: Way): GraphEdge {
  const ends = { from: way.from.id, gateway: way.gateway.id, to: way.to };
  const { counts, calls } = countsOf(way);
  const kind = counts.allowed > 0 ? "unruled" : "refused";
  const protocols = sortedUnique(calls.map(({ protocol }) => protocol));
  const observed = way.gateway.name === observerName ? ({ observed: true } as const) : {};
  return { id: edgeId(ends), kind, ...ends, via: "gateway", ...observed, protocols, counts, calls };
}

function countsOf(way: Way | undefined): { counts: CallCounts; calls: Tally[] } {
  const calls = sortedBy(way?.tallies.values() ?? [], ({ host, protocol }) => `${host} ${protocol}`);
  const sum = (key: keyof CallCounts) => calls.reduce((total, call) => total + call[key], 0);
  return { counts: { allowed: sum("allowed"), denied: sum("denied") }, calls };
}
