import { GraphEdge } from "../../model/graph";
import { heightOf, sizes, wishedWidth, widths } from "./boxes";
import { Box } from "./drawing";
import { Columns, Frame, framesOf, frameLabel, isFrame, Leaf, leavesOf } from "./frames";
import { fonts, textWidth } from "./measure";
import { stackColumn } from "./stack";

/**
 * Boxes of all frames and leaves of columns in their order, by id. The rules are put one under the other, and
 * everything else as near to its own rules as its neighbours let it be.
 */
export function placed({ callers, ways, called }: Columns, edges: readonly GraphEdge[]): Map<string, Box> {
  const boxes = new Map<string, Box>();
  const gap = gapFor(edges.length);
  const callersWidth = widthOf(callers, widths.callers);
  const waysLeft = sizes.margin + callersWidth + gap;
  const waysWidth = widthOf(ways, widths.ways);
  place(ways, { x: waysLeft, width: waysWidth }, new Map(), boxes);
  place(callers, { x: sizes.margin, width: callersWidth }, wishesOf("from", edges, boxes), boxes);
  const calledWidth = widthOf(called, widths.called);
  place(called, { x: waysLeft + waysWidth + gap, width: calledWidth }, wishesOf("to", edges, boxes), boxes);
  return moved(boxes);
}

/** Room for lines between two columns, px: the more there are, the steeper some of them would be. */
function gapFor(lines: number): number {
  return Math.min(320, 110 + 2 * lines);
}

/** Width of a column's outermost frames, px. */
function widthOf(frames: readonly Frame[], { least, most }: { least: number; most: number }): number {
  const leaves = frames.flatMap(leavesOf).map(wishedWidth);
  const titles = frames.flatMap(framesOf).map((frame) => textWidth(frameLabel(frame), fonts.name));
  return Math.min(most, Math.max(least, ...leaves, ...titles)) + 2 * depthOf(frames) * sizes.padding;
}

/** Where the middle of each end's rules is, by the end's id. */
function wishesOf(
  end: "from" | "to",
  edges: readonly GraphEdge[],
  boxes: ReadonlyMap<string, Box>,
): Map<string, number> {
  const middles = new Map<string, number[]>();
  for (const edge of edges) {
    middles.set(edge[end], [...(middles.get(edge[end]) ?? []), middleOf(boxes.get(edge.id)!)]);
  }
  return new Map(
    [...middles].map(([id, values]) => [id, values.reduce((sum, value) => sum + value, 0) / values.length]),
  );
}

function place(
  frames: readonly Frame[],
  { x, width }: Pick<Box, "x" | "width">,
  wishes: ReadonlyMap<string, number>,
  boxes: Map<string, Box>,
): void {
  const leaves = frames.flatMap(leavesOf);
  const gaps = gapsIn(frames);
  const items = leaves.map((leaf) => {
    const height = heightOf(leaf);
    const wish = wishes.get(leaf.id);
    return { height, gap: gaps.get(leaf.id)!, ...(wish === undefined ? {} : { wish: wish - height / 2 }) };
  });
  const indent = depthOf(frames) * sizes.padding;
  stackColumn(items).forEach((y, index) => {
    boxes.set(leaves[index]!.id, { x: x + indent, width: width - 2 * indent, y, height: items[index]!.height });
  });
  frames.forEach((frame) => surround(frame, { x, width }, boxes));
}

function surround(frame: Frame, { x, width }: Pick<Box, "x" | "width">, boxes: Map<string, Box>): void {
  const inner = { x: x + sizes.padding, width: width - 2 * sizes.padding };
  frame.children.filter(isFrame).forEach((child) => surround(child, inner, boxes));
  const held = frame.children.map(({ id }) => boxes.get(id)!);
  const y = Math.min(...held.map((box) => box.y)) - sizes.title;
  const bottom = Math.max(...held.map((box) => box.y + box.height)) + sizes.padding;
  boxes.set(frame.id, { x, width, y, height: bottom - y });
}

/** Of each leaf, the least distance to the one above it: more where frames end and begin between the two. */
function gapsIn(frames: readonly Frame[]): Map<string, number> {
  const gaps = new Map<string, number>();
  let gap = 0;
  const walk = (parts: readonly (Frame | Leaf)[]) => {
    parts.forEach((part, index) => {
      if (isFrame(part)) {
        gap += sizes.title + (index === 0 ? 0 : sizes.betweenFrames);
        walk(part.children);
        gap += sizes.padding;
      } else {
        gaps.set(part.id, gap + (index === 0 ? 0 : sizes.betweenBoxes));
        gap = 0;
      }
    });
  };
  walk(frames);
  return gaps;
}

function depthOf(parts: readonly (Frame | Leaf)[]): number {
  return Math.max(0, ...parts.map((part) => (isFrame(part) ? 1 + depthOf(part.children) : 0)));
}

/** The same boxes, on whole pixels, the uppermost at the margin. */
function moved(boxes: ReadonlyMap<string, Box>): Map<string, Box> {
  const top = Math.min(...[...boxes.values()].map(({ y }) => y));
  const whole = ({ x, y, width, height }: Box): Box => {
    const [left, upper] = [Math.round(x), Math.round(y - top + sizes.margin)];
    return { x: left, y: upper, width: Math.ceil(width), height: Math.ceil(height) };
  };
  return new Map([...boxes].map(([id, box]) => [id, whole(box)]));
}

export function middleOf({ y, height }: Box): number {
  return y + height / 2;
}
