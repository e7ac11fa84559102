import { GraphEdge } from "./types";

/** @param kind a node's kind, or a group's */
export function idOf(kind: string, name: string): string {
  return `${kind}:${name}`;
}

/** The name that an id was made of. */
export function nameIn(id: string): string {
  return id.slice(id.indexOf(":") + 1);
}

/** An edge's id: there is one for the same two ends and gateway. */
export function edgeId({ from, gateway, to }: Pick<GraphEdge, "from" | "gateway" | "to">): string {
  return [from, gateway, to].filter((part) => part !== undefined).join(" > ");
}
