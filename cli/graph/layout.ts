import { Graph, GraphEdge } from "../../model/graph";
import { linesOf, sizes } from "./boxes";
import { Box, DrawnEdge, DrawnFrame, DrawnNode, Drawing } from "./drawing";
import { columnsOf, framesOf, leavesOf } from "./frames";
import { ordered } from "./order";
import { middleOf, placed } from "./place";

/** Puts a graph on paper: callers to the left, rules in their gateways in the middle, what is called to the right. */
export function drawingOf(graph: Graph): Drawing {
  const columns = ordered(columnsOf(graph), graph.edges);
  const boxes = placed(columns, graph.edges);
  const at = (id: string) => boxes.get(id)!;
  const everything = [...boxes.values()];
  const outer = [...columns.callers, ...columns.ways, ...columns.called];
  const leaves = outer.flatMap(leavesOf);
  return {
    width: Math.max(0, ...everything.map(({ x, width }) => x + width)) + sizes.margin,
    height: Math.max(0, ...everything.map(({ y, height }) => y + height)) + sizes.margin,
    frames: outer.flatMap(framesOf).map((frame): DrawnFrame => ({ ...at(frame.id), frame })),
    nodes: leaves.flatMap((leaf): DrawnNode[] =>
      leaf.kind === "node" ? [{ ...at(leaf.id), node: leaf.node, lines: linesOf(leaf.node) }] : [],
    ),
    edges: linesBetween(graph.edges, boxes),
    notes: leaves.flatMap((leaf) => (leaf.kind === "nothing" ? [{ ...at(leaf.id), text: leaf.text }] : [])),
  };
}

/** Both lines of each edge. */
function linesBetween(edges: readonly GraphEdge[], boxes: ReadonlyMap<string, Box>): DrawnEdge[] {
  const fromY = spread(edges, "from", boxes);
  const toY = spread(edges, "to", boxes);
  return edges.map((edge) => {
    const [from, row, to] = [edge.from, edge.id, edge.to].map((id) => boxes.get(id)!) as [Box, Box, Box];
    const middle = middleOf(row);
    return {
      ...row,
      edge,
      in: { from: { x: from.x + from.width, y: fromY.get(edge.id)! }, to: { x: row.x, y: middle } },
      out: { from: { x: row.x + row.width, y: middle }, to: { x: to.x, y: toY.get(edge.id)! } },
    };
  });
}

/** Where each edge meets the side of its end's box: those of one box are apart, in the order of their rows. */
function spread(edges: readonly GraphEdge[], end: "from" | "to", boxes: ReadonlyMap<string, Box>): Map<string, number> {
  const meeting = new Map<string, string[]>();
  for (const edge of [...edges].sort((a, b) => boxes.get(a.id)!.y - boxes.get(b.id)!.y)) {
    meeting.set(edge[end], [...(meeting.get(edge[end]) ?? []), edge.id]);
  }
  return new Map(
    [...meeting].flatMap(([id, ids]) => {
      const { y, height } = boxes.get(id)!;
      return ids.map((edge, index) => [edge, y + (height * (index + 1)) / (ids.length + 1)] as const);
    }),
  );
}
