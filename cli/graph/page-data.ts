import { edgeFacts, Fact, Graph, GraphEdge, GraphNode, nodeFacts } from "../../model/graph";

/** What a page knows of one thing in its picture. */
export interface PageItem {
  /** The `data-id` of its element. */
  id: string;
  title: string;
  facts: Fact[];
  /** Other things, to be opened from this one. */
  links: { id: string; text: string }[];
  /** Ids of what belongs to it: an edge's ends, a node's edges and their ends. */
  related: string[];
  /** What a search looks through, in lower case. */
  search: string;
}

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
      search: [edge.rule?.owner, edge.rule?.reason, edge.rule?.path].join("\n").toLowerCase(),
    })),
  ];
}

function endsOf({ from, gateway, to }: GraphEdge): string[] {
  return [from, ...(gateway === undefined ? [] : [gateway]), to];
}

function nodeSearch({ name, hosts, addresses = [] }: GraphNode, group: string): string {
  return [name, `${group}/${name}`, ...hosts, ...addresses].join("\n").toLowerCase();
}
