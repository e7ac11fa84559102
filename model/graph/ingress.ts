import { callerText, ingressPath, letIn, portsWords, sourcesPath } from "../callers";
import { isClosed } from "../config/ingress";
import { NamespaceConfig, StackConfig } from "../config/types";
import { edgeId, idOf } from "./ids";
import { GraphEdge, GraphNode } from "./types";

/** Who may open connections to guarded pods: an edge for each caller of each namespace, and the nodes at its ends. */
export function ingressOf({ namespaces }: StackConfig): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const ways = namespaces.flatMap(waysInto);
  const called = namespaces.map(({ name }): GraphNode => {
    return { id: podsId(name), kind: "pods", name: `pods of ${name}`, group: "guarded", hosts: [] };
  });
  const callers = new Map(ways.map(({ from }) => [from, callerNode(from)]));
  return { nodes: [...callers.values(), ...called], edges: ways.map(edgeOf) };
}

interface Way {
  from: string;
  into: string;
  kind: "allowed" | "open";
  /** @default every port */
  ports?: number[] | undefined;
  ingress: NonNullable<GraphEdge["ingress"]>;
}

function waysInto(namespace: NamespaceConfig): Way[] {
  const into = namespace.name;
  if (!isClosed(namespace)) {
    return [{ from: "anybody", into, kind: "open", ingress: {} }];
  }
  return [
    { from: "guarded namespaces", into, kind: "allowed", ingress: { path: ingressPath(into) } },
    ...letIn(namespace.ingress!.from).map(({ caller, ports, reason }): Way => {
      const why = { path: sourcesPath(into), ...(reason === undefined ? {} : { reason }) };
      return { from: callerText(caller), into, kind: "allowed", ports, ingress: why };
    }),
  ];
}

function podsId(namespace: string): string {
  return idOf("pods", namespace);
}

function callerNode(name: string): GraphNode {
  return { id: idOf("caller", name), kind: "caller", name, group: "outside", hosts: [] };
}

function edgeOf({ from: name, into, kind, ports, ingress }: Way): GraphEdge {
  const [from, to] = [idOf("caller", name), podsId(into)];
  const protocols = ports?.map((port) => `${port}/tcp`) ?? [portsWords(ports)];
  return { id: edgeId({ from, to }), kind, from, to, via: "ingress", ingress, protocols, calls: [] };
}
