import { gatewaysOf } from "../config/gateway-of";
import { openIn } from "../config/adoption";
import { onEdge } from "../config/traits/told";
import { NamespaceConfig, StackConfig } from "../config/types";
import { Grant, grantsOf, spokenTo, Target } from "../grants";
import { namespaceKey, observerName, workloadKey } from "../ground/names";
import { sortedBy, sortedUnique } from "../ground/order";
import { addCalls } from "./calls";
import { edgeId, idOf } from "./ids";
import { ingressOf } from "./ingress";
import { Graph, GraphEdge, GraphGroup, GraphNode, SeenCall } from "./types";

/**
 * The picture of a stack: every workload, gateway, destination and service beside the mesh, with an edge for each rule,
 * and who may open connections to guarded pods, with an edge for each caller of a namespace.
 * It depends on nothing but its arguments, and not on the order of calls.
 *
 * @param seen what gateways decided about calls: each is counted on the way that it took, which is added where no rule
 *   opens it @default nothing was looked at, and there are no counts
 */
export function graphOf(config: StackConfig, seen?: readonly SeenCall[]): Graph {
  const ingress = ingressOf(config);
  const planned: Graph = {
    groups: groupsOf(config),
    nodes: [...nodesOf(config), ...ingress.nodes],
    edges: [...grantsOf(config).all.map(edgeOf), ...ingress.edges],
  };
  return inOrder(seen === undefined ? planned : addCalls(planned, seen));
}

/** As they are read: callers, gateways, what is called. */
const kindsOfGroups: GraphGroup["kind"][] = [
  ...(["namespace", "strangers", "outside", "gateways"] as const),
  ...(["external", "beside", "closed", "guarded"] as const),
];

/** Without groups that no node is in. */
function inOrder({ groups, nodes, edges, ...rest }: Graph): Graph {
  const used = new Set(nodes.map(({ group }) => group));
  return {
    groups: sortedBy(
      groups.filter(({ id }) => used.has(id)),
      ({ kind, id }) => `${kindsOfGroups.indexOf(kind)} ${id}`,
    ),
    nodes: sortedBy(nodes, ({ id }) => id),
    edges: sortedBy(edges, ({ id }) => id),
    ...rest,
  };
}

function groupsOf(config: StackConfig): GraphGroup[] {
  return [
    ...config.namespaces.map(namespaceGroup),
    { id: "strangers", kind: "strangers", name: "Not of this stack" },
    { id: "outside", kind: "outside", name: "Callers of guarded pods" },
    { id: "gateways", kind: "gateways", name: config.gateway.namespace },
    { id: "external", kind: "external", name: "External hosts" },
    { id: "beside", kind: "beside", name: "Beside the mesh" },
    { id: "closed", kind: "closed", name: "Open to nobody" },
    { id: "guarded", kind: "guarded", name: "Guarded pods" },
  ];
}

/** A namespace; of one whose pods may get round their guard, or are refused nothing, its title says so. */
function namespaceGroup(namespace: NamespaceConfig): GraphGroup {
  const { name, guard, mode } = namespace;
  const notes = [
    ...(openIn(namespace) === undefined ? [] : [`guard: ${guard}`]),
    ...(mode === "observe" ? ["mode: observe"] : []),
  ];
  return {
    id: idOf("namespace", name),
    kind: "namespace",
    name,
    ...(notes.length === 0 ? {} : { note: notes.join(", ") }),
  };
}

function nodesOf(config: StackConfig): GraphNode[] {
  return [
    ...config.workloads.map((workload): GraphNode => {
      const group = idOf("namespace", workload.namespace);
      return {
        id: idOf("workload", workloadKey(workload)),
        kind: "workload",
        name: workload.mode === "observe" ? `${workload.name} (mode: observe)` : workload.name,
        group,
        hosts: [],
      };
    }),
    ...wholeNamespaces(config),
    ...gatewayNodes(config).map((name): GraphNode => {
      return { id: idOf("gateway", name), kind: "gateway", name, group: "gateways", hosts: [] };
    }),
    ...[...grantsOf(config).targets.values()].map(targetNode),
    ...(config.deny.length === 0 ? [] : [deniedNode(config.deny.map(({ host }) => host))]),
  ];
}

function gatewayNodes(config: StackConfig): string[] {
  const names = gatewaysOf(config).map(({ name }) => name);
  return grantsOf(config).observed.homes.size === 0 ? names : [...names, observerName];
}

/** Namespaces that a rule names as a whole: every ServiceAccount of them is one node. */
function wholeNamespaces(config: StackConfig): GraphNode[] {
  return config.namespaces
    .filter(({ name }) => grantsOf(config).of(namespaceKey(name)).length > 0)
    .map(({ name }) => {
      const group = idOf("namespace", name);
      return { id: idOf("workload", namespaceKey(name)), kind: "workload", name: "*", group, hosts: [] };
    });
}

function deniedNode(hosts: string[]): GraphNode {
  return { id: "denied", kind: "denied", name: "Denied to everybody", group: "closed", hosts: sortedUnique(hosts) };
}

function targetNode({ kind, name, hosts, config }: Target): GraphNode {
  return kind === "destination"
    ? { id: idOf("destination", name), kind, name, group: "external", hosts: sortedUnique(hosts) }
    : {
        id: idOf("service", name),
        kind: "service",
        name,
        group: "beside",
        hosts: [...hosts],
        addresses: config.addresses,
      };
}

function edgeOf({ client, target, rule: { from: _, to: __, ...rule } }: Grant): GraphEdge {
  const from = idOf("workload", client.key);
  const common = {
    kind: "allowed",
    from,
    rule,
    protocols: spokenTo(target),
    ...(target.kind === "destination" ? onEdge(target.config) : {}),
    calls: [],
  } as const;
  if (target.kind === "destination") {
    const to = idOf("destination", target.name);
    const gateway = idOf("gateway", target.gateway);
    return { ...common, id: edgeId({ from, gateway, to }), to, gateway, via: "gateway", calls: [] };
  }
  const to = idOf("service", target.name);
  return { ...common, id: edgeId({ from, to }), to, via: target.config.via, calls: [] };
}
