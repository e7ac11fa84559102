import { GraphEdge } from "../../model/graph";
import { Columns, Frame, isFrame, leavesOf, Leaf } from "./frames";

/** Rounds after which nothing is found any more, as a rule. */
const rounds = 8;

/**
 * The columns in an order in which lines cross little; frames stay together, and what no edge leads to is last.
 *
 * Each column in turn is sorted by where the other ends of its lines are on the average, seen from the left, from the
 * right and from both sides, and the best of all orders is kept (Sugiyama's barycentre heuristic, for three layers).
 */
export function ordered(columns: Columns, edges: readonly GraphEdge[]): Columns {
  const left = { callers: [], ways: ends(edges, "id", "from"), called: ends(edges, "to", "id") };
  const right = { callers: ends(edges, "from", "id"), ways: ends(edges, "id", "to"), called: [] };
  const both = { callers: right.callers, ways: [...left.ways, ...right.ways], called: left.called };
  const sweep = [
    ["ways", left],
    ["called", left],
    ["ways", both],
    ["called", left],
    ["ways", right],
    ["callers", right],
    ["ways", both],
    ["callers", right],
  ] as const;

  let current = columns;
  let best = { columns, crossings: crossingsIn(columns, edges) };
  for (let round = 0; round < rounds && best.crossings > 0; round++) {
    for (const [column, side] of sweep) {
      current = { ...current, [column]: sorted(current[column], averages(side[column], placesIn(current))) };
      const crossings = crossingsIn(current, edges);
      best = crossings < best.crossings ? { columns: current, crossings } : best;
    }
  }
  return best.columns;
}

/** A leaf, and one at the other end of one of its lines. */
type Pair = readonly [id: string, other: string];

function ends(edges: readonly GraphEdge[], of: "id" | "from" | "to", other: "id" | "from" | "to"): Pair[] {
  return edges.map((edge) => [edge[of], edge[other]]);
}

/** How far down each leaf is in its column: 0 at the top, 1 at the bottom. */
function placesIn({ callers, ways, called }: Columns): Map<string, number> {
  return new Map(
    [callers, ways, called].flatMap((frames) => {
      const leaves = frames.flatMap(leavesOf);
      return leaves.map(({ id }, index) => [id, (index + 0.5) / leaves.length] as const);
    }),
  );
}

function averages(pairs: readonly Pair[], places: ReadonlyMap<string, number>): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const [id, other] of pairs) {
    const { sum, count } = sums.get(id) ?? { sum: 0, count: 0 };
    sums.set(id, { sum: sum + places.get(other)!, count: count + 1 });
  }
  return new Map([...sums].map(([id, { sum, count }]) => [id, sum / count]));
}

/** Each frame by the average of what it holds; parts without a wish stay as they are, behind the others. */
function sorted<T extends Frame | Leaf>(parts: readonly T[], wishes: ReadonlyMap<string, number>): T[] {
  const wishOf = (part: Frame | Leaf): number => {
    const own = (isFrame(part) ? leavesOf(part) : [part]).flatMap(({ id }) => wishes.get(id) ?? []);
    return own.length === 0 ? Infinity : own.reduce((sum, wish) => sum + wish, 0) / own.length;
  };
  return parts
    .map((part) => ({ part, wish: wishOf(part) }))
    .sort((a, b) => (a.wish < b.wish ? -1 : a.wish > b.wish ? 1 : 0))
    .map(({ part }) => (isFrame(part) ? { ...part, children: sorted(part.children, wishes) } : part));
}

/** How many pairs of lines cross, in both gaps between the columns. */
export function crossingsIn(columns: Columns, edges: readonly GraphEdge[]): number {
  const places = placesIn(columns);
  const lines = edges.map(({ from, id, to }) => [from, id, to].map((end) => places.get(end)!));
  let crossings = 0;
  lines.forEach(([from, row, to], index) => {
    for (const [otherFrom, otherRow, otherTo] of lines.slice(0, index)) {
      const side = row! - otherRow!;
      crossings += Number((from! - otherFrom!) * side < 0) + Number((to! - otherTo!) * side < 0);
    }
  });
  return crossings;
}
