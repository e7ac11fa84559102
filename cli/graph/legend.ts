import { Graph, GraphEdge } from "../../model/graph";

/** A line of a picture, as its classes, and what it means. */
export interface LegendEntry {
  classes: string;
  text: string;
}

/** What the lines of a graph mean: only those that it has. */
export function legendOf({ edges }: Graph): LegendEntry[] {
  const entries: (LegendEntry & { if: (edge: GraphEdge) => boolean })[] = [
    {
      classes: "allowed",
      text: "allowed, through its gateway",
      if: ({ kind, via }) => kind === "allowed" && via === "gateway",
    },
    {
      classes: "beside service",
      text: "service: beside the mesh, known to the sidecar",
      if: ({ via }) => via === "service",
    },
    { classes: "beside bypass", text: "bypass: past the sidecar", if: ({ via }) => via === "bypass" },
    {
      classes: "ingress",
      text: "let into guarded pods",
      if: ({ kind, via }) => kind === "allowed" && via === "ingress",
    },
    { classes: "open", text: "open: nothing closes the namespace", if: ({ kind }) => kind === "open" },
    { classes: "refused", text: "tried, and refused by the gateway", if: ({ kind }) => kind === "refused" },
    { classes: "unruled", text: "went through, though no rule opens it", if: ({ kind }) => kind === "unruled" },
  ];
  return entries.filter((entry) => edges.some(entry.if)).map(({ classes, text }) => ({ classes, text }));
}

/** The classes of an edge, its colour's first: what its legend's are. */
export function classesOf({ kind, via }: Pick<GraphEdge, "kind" | "via">): string {
  const colour = colourOf({ kind, via });
  return colour === "beside" ? `${colour} ${via}` : colour;
}

export function colourOf(edge: Pick<GraphEdge, "kind" | "via">): LineColour {
  if (edge.kind !== "allowed" || edge.via === "gateway") {
    return edge.kind;
  }
  return edge.via === "ingress" ? "ingress" : "beside";
}

/** The colours that lines have, by what they mean. */
export const lineColours = ["allowed", "beside", "ingress", "open", "refused", "unruled"] as const;
export type LineColour = (typeof lineColours)[number];
