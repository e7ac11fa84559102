import { GraphEdge, GraphNode } from "../../model/graph";
import { Frame } from "./frames";

/** Where everything of a picture is. All lengths are px; x and y are a box's upper left corner. */
export interface Drawing {
  width: number;
  height: number;
  frames: DrawnFrame[];
  nodes: DrawnNode[];
  edges: DrawnEdge[];
  notes: (Box & { text: string })[];
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface DrawnFrame extends Box {
  frame: Frame;
}

export interface DrawnNode extends Box {
  node: GraphNode;
  /** What stands under its name: hosts and addresses. */
  lines: string[];
}

/** A row in the middle, with the lines to its left and to its right. */
export interface DrawnEdge extends Box {
  edge: GraphEdge;
  /** From the caller to the row, and from the row to what is called. */
  in: Line;
  out: Line;
}

export interface Line {
  from: Point;
  to: Point;
}

export interface Point {
  x: number;
  y: number;
}
