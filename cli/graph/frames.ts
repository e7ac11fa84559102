import { groupName, groupWord, Graph, GraphEdge, GraphGroup, GraphNode, intoTitle } from "../../model/graph";

/** A frame in a column, around what belongs together. */
export interface Frame {
  id: string;
  /** What its title is the name of: `namespace` or `gateway`. undefined where its title says all. */
  word: string | undefined;
  title: string;
  children: (Frame | Leaf)[];
}

/** A box at the bottom of the tree. */
export type Leaf =
  | { id: string; kind: "node"; node: GraphNode }
  /** A rule, or calls without one, as a row in its gateway. */
  | { id: string; kind: "edge"; edge: GraphEdge }
  /** Says that a frame holds nothing. */
  | { id: string; kind: "nothing"; text: string };

/** The three columns, as they are read: who calls, by which gateway and rule, what is called. */
export interface Columns {
  callers: Frame[];
  ways: Frame[];
  called: Frame[];
}

export function columnsOf({ groups, nodes, edges }: Graph): Columns {
  const framed = (...kinds: GraphGroup["kind"][]) =>
    groups
      .filter(({ kind }) => kinds.includes(kind))
      .map((group) => groupFrame(group, group.kind === "gateways" ? gatewayFrames(nodes, edges) : leavesIn(group)));
  const leavesIn = ({ id }: GraphGroup) =>
    nodes.filter(({ group }) => group === id).map((node): Leaf => ({ id: node.id, kind: "node", node }));
  return {
    callers: framed("namespace", "strangers", "outside"),
    ways: [
      ...framed("gateways"),
      ...waysWithout(
        "beside gateways",
        "No gateway",
        edges.filter(({ gateway, via }) => gateway === undefined && via !== "ingress"),
      ),
      ...waysWithout(
        "into pods",
        intoTitle,
        edges.filter(({ via }) => via === "ingress"),
      ),
    ],
    called: framed("external", "beside", "closed", "guarded"),
  };
}

/** All of a frame's title. */
export function frameLabel({ word, title }: Frame): string {
  return word === undefined ? title : `${word} ${title}`;
}

export function isFrame(part: Frame | Leaf): part is Frame {
  return "children" in part;
}

/** A frame and all frames in it, the outer first. */
export function framesOf(frame: Frame): Frame[] {
  return [frame, ...frame.children.filter(isFrame).flatMap(framesOf)];
}

/** All leaves of a frame and of the frames in it, from the top to the bottom. */
export function leavesOf({ children }: Frame): Leaf[] {
  return children.flatMap((child) => (isFrame(child) ? leavesOf(child) : [child]));
}

function groupFrame(group: GraphGroup, children: Frame["children"]): Frame {
  return { id: group.id, word: groupWord(group), title: groupName(group), children };
}

function gatewayFrames(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Frame[] {
  return nodes
    .filter(({ kind }) => kind === "gateway")
    .map(({ id, name }) => {
      const rows = edges.filter(({ gateway }) => gateway === id).map(row);
      const nothing: Leaf = { id: `nothing in ${id}`, kind: "nothing", text: "No rule leads through it" };
      return { id, word: "gateway", title: name, children: rows.length === 0 ? [nothing] : rows };
    });
}

/** Ways that no gateway stands before. */
function waysWithout(id: string, title: string, edges: readonly GraphEdge[]): Frame[] {
  return edges.length === 0 ? [] : [{ id, word: undefined, title, children: edges.map(row) }];
}

function row(edge: GraphEdge): Leaf {
  return { id: edge.id, kind: "edge", edge };
}
