import { Graph, GraphEdge, GraphNode } from "./types";
import { atMost, edgeWords, groupTitle, intoTitle } from "./words";

/**
 * A graph as a Mermaid flowchart, which GitHub and others draw: a subgraph for each namespace and gateway, a box in
 * its gateway for each rule, so that every way can be followed from its workload to its hosts.
 */
export function mermaid(title: string, graph: Graph): string {
  const ids = new Map([...graph.groups, ...graph.nodes, ...graph.edges].map(({ id }, index) => [id, `x${index}`]));
  const id = (of: string) => ids.get(of)!;
  const lines = [
    ...graph.groups.flatMap((group) =>
      subgraph(
        id(group.id),
        groupTitle(group),
        graph.nodes.filter((node) => node.group === group.id).flatMap((node) => nodeLines(node, graph, id)),
      ),
    ),
    ...besideGateways(graph, id),
    ...intoPods(graph, id),
    ...graph.edges.map((edge) => wayLine(edge, id)),
    ...classes,
  ];
  return `${[`%% ${title.replace(/\s+/g, " ")}`, "flowchart LR", ...lines.map(indented)].join("\n")}\n`;
}

/** Hosts and addresses that a box lists. */
const mostLines = 12;

type Id = (of: string) => string;

function nodeLines(node: GraphNode, { edges }: Graph, id: Id): string[] {
  if (node.kind === "gateway") {
    const rows = edges.filter(({ gateway }) => gateway === node.id);
    const nothing = `${id(node.id)}n["No rule leads through it"]`;
    return subgraph(
      id(node.id),
      `gateway ${node.name}`,
      rows.length === 0 ? [nothing] : rows.map((edge) => edgeBox(edge, id)),
    );
  }
  const text = label([node.name, ...atMost(mostLines, [...node.hosts, ...(node.addresses ?? [])])]);
  const closed = node.kind === "denied" || node.kind === "unnamed";
  return [
    node.hosts.length === 0 ? `${id(node.id)}[${text}]` : `${id(node.id)}([${text}])${closed ? ":::closed" : ""}`,
  ];
}

/** The rules of services beside the mesh, which no gateway stands before. */
function besideGateways({ edges }: Graph, id: Id): string[] {
  const rows = edges.filter(({ gateway, via }) => gateway === undefined && via !== "ingress");
  return waysWithout("beside", "No gateway", rows, id);
}

/** Who lets whom into guarded pods, where no gateway is either. */
function intoPods({ edges }: Graph, id: Id): string[] {
  const rows = edges.filter(({ via }) => via === "ingress");
  return waysWithout("into", intoTitle, rows, id);
}

function waysWithout(name: string, title: string, rows: readonly GraphEdge[], id: Id): string[] {
  return rows.length === 0
    ? []
    : subgraph(
        name,
        title,
        rows.map((edge) => edgeBox(edge, id)),
      );
}

function subgraph(id: string, title: string, lines: readonly string[]): string[] {
  return [`subgraph ${id}[${label([title])}]`, ...lines.map(indented), "end"];
}

function indented(line: string): string {
  return `  ${line}`;
}

function edgeBox(edge: GraphEdge, id: Id): string {
  const { title, detail, how } = edgeWords(edge);
  const { counts } = edge;
  const seen = counts === undefined ? [] : [`${counts.allowed} allowed, ${counts.denied} denied`];
  return `${id(edge.id)}[${label([title, detail, how, ...seen])}]:::${edge.kind}`;
}

/** Refused calls end at the gateway, and what goes past the gateways is dotted. */
function wayLine(edge: GraphEdge, id: Id): string {
  const stations = [edge.from, edge.id, edge.to].map(id);
  const isFull = edge.via === "gateway" || edge.via === "ingress";
  const arrow = edge.kind === "refused" ? "-.-x" : isFull ? "-->" : "-.->";
  return stations.join(` ${arrow} `);
}

const classes = [
  "classDef allowed stroke:#12806a",
  "classDef refused stroke:#c0362c,stroke-dasharray:4 3",
  "classDef open stroke:#a3249a,stroke-width:3px",
  "classDef unruled stroke:#a3249a,stroke-width:3px",
  "classDef closed stroke:#c0362c",
];

/** Quoted, its lines one under the other; whatever Mermaid or HTML would read as theirs is written as its number. */
function label(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    line.replace(/\s+/g, " ").replace(/[^\p{L}\p{N} .,:/()+·-]/gu, (character) => `#${character.codePointAt(0)};`),
  );
  return `"${escaped.join("<br/>")}"`;
}
