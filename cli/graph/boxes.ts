import { atMost, edgeWords, GraphEdge, GraphNode } from "../../model/graph";
import { Leaf } from "./frames";
import { fitted, Font, fonts, textWidth } from "./measure";

/** Lengths that pictures are made of, px. */
export const sizes = {
  margin: 28,
  /** Inside a box, to the left and to the right of its text. */
  inset: 12,
  /** Inside a frame, beside and below what it holds; above it is the frame's title. */
  padding: 12,
  title: 34,
  line: 17,
  row: 46,
  box: 36,
  betweenBoxes: 8,
  betweenFrames: 26,
} as const;

/** Widths that a column's boxes may take for their text, px. */
export const widths = {
  callers: { least: 150, most: 300 },
  ways: { least: 300, most: 440 },
  called: { least: 190, most: 340 },
} as const;

/** Hosts and addresses that a box lists; of more, the last line says how many. */
const mostLines = 5;

/** What a node lists under its name, cut to what there is room for. */
export function linesOf({ hosts, addresses = [] }: GraphNode): string[] {
  const room = widths.called.most - 2 * sizes.inset;
  return atMost(mostLines, [...hosts, ...addresses]).map((line) => fitted(line, fonts.host, room));
}

/** Calls that were seen on an edge, as parts of one line; empty where none were looked for. */
export function seenOn({ counts }: GraphEdge): { text: string; kind: "yes" | "no" | "none" }[] {
  if (counts === undefined) {
    return [];
  }
  const { allowed, denied } = counts;
  const parts = [
    ...(allowed > 0 ? [{ text: `✓ ${allowed}`, kind: "yes" as const }] : []),
    ...(denied > 0 ? [{ text: `✕ ${denied}`, kind: "no" as const }] : []),
  ];
  return parts.length > 0 ? parts : [{ text: "no call seen", kind: "none" }];
}

/** What the two lines of a row have to their right takes of its width, px. */
export function takenToTheRight(edge: GraphEdge): { title: number; detail: number } {
  const width = (text: string, font: Font) => (text === "" ? 0 : textWidth(text, font) + 14);
  const seen = seenOn(edge).map(({ text }) => text);
  return { title: width(edgeWords(edge).how, fonts.small), detail: width(seen.join("  "), fonts.small) };
}

/** What stands to the left of a row's text, beside the inset. */
export const stripe = 4;

export function heightOf(leaf: Leaf): number {
  if (leaf.kind !== "node") {
    return leaf.kind === "edge" ? sizes.row : sizes.box;
  }
  const lines = linesOf(leaf.node).length;
  return sizes.box + (lines === 0 ? 0 : lines * sizes.line + 4);
}

/** The width at which nothing of a leaf's text would be cut. */
export function wishedWidth(leaf: Leaf): number {
  if (leaf.kind === "node") {
    const lines = linesOf(leaf.node).map((line) => textWidth(line, fonts.host));
    return Math.max(textWidth(leaf.node.name, fonts.name), ...lines) + 2 * sizes.inset;
  }
  if (leaf.kind === "nothing") {
    return textWidth(leaf.text, fonts.prose);
  }
  const { title, detail } = edgeWords(leaf.edge);
  const taken = takenToTheRight(leaf.edge);
  const text = Math.max(textWidth(title, fonts.strong) + taken.title, textWidth(detail, fonts.prose) + taken.detail);
  return text + 2 * sizes.inset + stripe;
}
