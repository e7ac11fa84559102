import { placeOfRule } from "../config/problem";
import { groupedBy, sortedBy, sortedUnique } from "../ground/order";
import { edgeId, idOf, nameIn } from "./ids";
import { CallCounts, Graph, GraphEdge, GraphNode } from "./types";
import { atMost, counted, graphSummary, reportWords } from "./words";

/** More edges or nodes than these are not drawn one by one: nobody could follow them. */
const mostDrawn = 300;

/** Which node a node is drawn as; a node that is not in it, as itself. */
type Bundles = ReadonlyMap<string, GraphNode>;

/**
 * A graph that can be read: a small one as it is; of a larger one callers are bundled by their namespaces, and, where
 * that is still too much, destinations by their gateways. Edges between the same two ends become one, with the sum of
 * their calls. What is in a bundle is listed by it: nothing is lost.
 *
 * @param most edges, and nodes, that are drawn one by one @default mostDrawn
 */
export function readable(graph: Graph, most = mostDrawn): Graph {
  if (isReadable(graph, most)) {
    return graph;
  }
  const callers = bundledCallers(graph);
  const byNamespace = bundled(graph, callers);
  return isReadable(byNamespace, most)
    ? byNamespace
    : bundled(graph, new Map([...callers, ...bundledDestinations(graph), ...bundledPods(graph)]));
}

function isReadable({ nodes, edges }: Graph, most: number): boolean {
  return edges.length <= most && nodes.length <= most;
}

function bundledCallers({ nodes }: Graph): Bundles {
  const callers = nodes.filter(({ kind }) => ["workload", "stranger", "caller"].includes(kind));
  return inBundles(
    groupedBy(callers, ({ group }) => group),
    (group, members) => ({
      id: idOf("callers", nameIn(group)),
      kind: "callers",
      name:
        group === "strangers" || group === "outside"
          ? counted(members.length, "caller")
          : `${nameIn(group)}: ${counted(members.length, "workload")}`,
      group,
      hosts: [],
      members: members.map(({ id }) => nameIn(id)),
    }),
  );
}

function bundledDestinations({ nodes, edges }: Graph): Bundles {
  const gateways = new Map(edges.map(({ to, gateway }) => [to, gateway]));
  const destinations = nodes.filter(({ kind }) => kind === "destination");
  return inBundles(
    groupedBy(destinations, ({ id }) => gateways.get(id) ?? ""),
    (gateway, members) => {
      const hosts = members.reduce((sum, member) => sum + member.hosts.length, 0);
      return {
        id: idOf("destinations", gateway === "" ? "without a rule" : nameIn(gateway)),
        kind: "destinations",
        name: `${counted(members.length, "destination")}, ${counted(hosts, "host")}`,
        group: members[0]!.group,
        hosts: [],
        members: members.map((member) => `${member.name}: ${member.hosts.join(", ")}`),
      };
    },
  );
}

function bundledPods({ nodes }: Graph): Bundles {
  const pods = nodes.filter(({ kind }) => kind === "pods");
  return inBundles(
    groupedBy(pods, ({ group }) => group),
    (group, members) => ({
      ...{ id: idOf("pods", "*"), kind: "pods", group, hosts: [] },
      name: `pods of ${counted(members.length, "namespace")}`,
      members: members.map(({ id }) => nameIn(id)),
    }),
  );
}

/** Nodes that are by themselves in their group stay as they are. */
function inBundles(
  groups: ReadonlyMap<string, GraphNode[]>,
  bundleOf: (key: string, members: GraphNode[]) => GraphNode,
): Map<string, GraphNode> {
  const bundles = new Map<string, GraphNode>();
  for (const [key, members] of groups) {
    if (members.length > 1) {
      const bundle = bundleOf(key, members);
      members.forEach(({ id }) => bundles.set(id, bundle));
    }
  }
  return bundles;
}

function bundled(graph: Graph, bundles: Bundles): Graph {
  const end = (id: string) => bundles.get(id)?.id ?? id;
  const ways = groupedBy(graph.edges, ({ from, gateway, to, kind, via }) =>
    [edgeId({ from: end(from), gateway, to: end(to) }), kind, via].join(" "),
  );
  const nodes = new Map(graph.nodes.map((node) => bundles.get(node.id) ?? node).map((node) => [node.id, node]));
  return {
    ...graph,
    nodes: sortedBy(nodes.values(), ({ id }) => id),
    edges: sortedBy(
      [...ways].map(([id, edges]) => (edges.length === 1 ? movedEdge(edges[0]!, end) : bundledEdge(id, edges, end))),
      ({ id }) => id,
    ),
    summary: `${graphSummary(graph)}; bundled, as they are many`,
  };
}

function movedEdge(edge: GraphEdge, end: (id: string) => string): GraphEdge {
  return { ...edge, from: end(edge.from), to: end(edge.to) };
}

function bundledEdge(id: string, edges: GraphEdge[], end: (id: string) => string): GraphEdge {
  const { kind, via, from, to, gateway } = edges[0]!;
  const counts = edges.flatMap((edge) => edge.counts ?? []);
  const owners = sortedUnique(edges.flatMap(({ rule }) => (rule === undefined ? [] : [rule.owner ?? "no owner"])));
  return {
    id,
    kind,
    from: end(from),
    to: end(to),
    ...(gateway === undefined ? {} : { gateway }),
    via,
    protocols: sortedUnique(edges.flatMap(({ protocols }) => protocols)),
    ...(counts.length === 0 ? {} : { counts: sumOf(counts) }),
    calls: [
      ...groupedBy(
        edges.flatMap(({ calls }) => calls),
        ({ host, protocol }) => `${host} ${protocol}`,
      ).values(),
    ].map((calls) => ({ host: calls[0]!.host, protocol: calls[0]!.protocol, ...sumOf(calls) })),
    ...(via === "ingress" ? { ingress: {} } : {}),
    bundle: {
      title:
        via === "ingress"
          ? `${kind === "open" ? "open: " : ""}${counted(edges.length, "way")} in`
          : counted(edges.filter(({ rule }) => rule !== undefined).length, "rule"),
      owners: atMost(4, owners).join(", "),
      members: edges.map(memberLine),
    },
  };
}

/** One way, as its bundle lists it. */
function memberLine({ from, to, rule, ingress, protocols }: GraphEdge): string {
  const way = `${nameIn(from)} → ${nameIn(to)}`;
  if (ingress !== undefined) {
    return `${way}: ${[protocols.join(" + "), ...[ingress.reason ?? []].flat()].join(", ")}`;
  }
  if (rule === undefined) {
    return way;
  }
  const mode = rule.mode === undefined ? [] : [reportWords];
  const until = rule.expires === undefined ? [] : [`until ${rule.expires}`];
  const place = placeOfRule(rule.path);
  return `${way}: ${[rule.owner ?? "no owner", rule.reason ?? "no reason given", ...until, ...mode, place].join(", ")}`;
}

function sumOf(counts: readonly CallCounts[]): CallCounts {
  return counts.reduce(
    (sum, { allowed, denied }) => ({ allowed: sum.allowed + allowed, denied: sum.denied + denied }),
    { allowed: 0, denied: 0 },
  );
}
