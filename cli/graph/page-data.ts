import { edgeFacts, Graph, GraphEdge, GraphNode, nodeFacts } from "../../model/graph";
import type { PageItem } from "./page/item";

/** Of every node and every edge. */
export function pageItems(graph: Graph): PageItem[] {
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]));
  const groups = new Map(graph.groups.map((group) => [group.id, group.name]));
  const edgeTitle = ({ from, to }: GraphEdge) => `${names.get(from)} → ${names.get(to)}`;
  return [
    ...graph.nodes.map((node): PageItem => {
      const edges = graph.edges.filter((edge) => endsOf(edge).includes(node.id));
      return {
        id: node.id,
        title: node.name,
        facts: nodeFacts(node, graph),
        links: edges.map((edge) => ({ id: edge.id, text: edgeTitle(edge) })),
        related: edges.flatMap((edge) => [edge.id, ...endsOf(edge)]),
        search: nodeSearch(node, groups.get(node.group) ?? ""),
      };
    }),
    ...graph.edges.map((edge): PageItem => ({
      id: edge.id,
      title: edgeTitle(edge),
      facts: edgeFacts(edge, graph),
      links: endsOf(edge).map((id) => ({ id, text: names.get(id) ?? id })),
      related: endsOf(edge),
      search: [edge.rule?.owner, edge.rule?.reason, edge.rule?.path, edge.ingress?.reason, edge.ingress?.path]
        .join("\n")
        .toLowerCase(),
    })),
  ];
}

function endsOf({ from, gateway, to }: GraphEdge): string[] {
  return [from, ...(gateway === undefined ? [] : [gateway]), to];
}

function nodeSearch({ name, hosts, addresses = [] }: GraphNode, group: string): string {
  return [name, `${group}/${name}`, ...hosts, ...addresses].join("\n").toLowerCase();
}
