import { AllowRule, Protocol, StackConfig } from "../config/types";
import { sortedBy, sortedUnique } from "../ground/order";
import { gatewayOf, gatewaysOf } from "../config/gateway-of";
import { outsideHost } from "../plan/outside";
import { workloadKey } from "../plan/stack";
import { addCalls } from "./calls";
import { edgeId, idOf } from "./ids";
import { Graph, GraphEdge, GraphGroup, GraphNode, SeenCall } from "./types";

/**
 * The picture of a stack: every workload, gateway, destination and service beside the mesh, with an edge for each rule.
 * It depends on nothing but its arguments, and not on the order of calls.
 *
 * @param seen what gateways decided about calls: each is counted on the way that it took, which is added where no rule
 *   opens it @default nothing was looked at, and there are no counts
 */
export function graphOf(config: StackConfig, seen?: readonly SeenCall[]): Graph {
  const planned: Graph = {
    groups: groupsOf(config),
    nodes: nodesOf(config),
    edges: config.allow.map((rule) => edgeOf(config, rule)),
  };
  return inOrder(seen === undefined ? planned : addCalls(planned, seen));
}

/** As they are read: callers, gateways, what is called. */
const kindsOfGroups: GraphGroup["kind"][] = ["namespace", "strangers", "gateways", "outside", "beside", "closed"];

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
    ...config.namespaces.map(({ name }): GraphGroup => ({ id: idOf("namespace", name), kind: "namespace", name })),
    { id: "strangers", kind: "strangers", name: "Not of this stack" },
    { id: "gateways", kind: "gateways", name: config.gateway.namespace },
    { id: "outside", kind: "outside", name: "Outside" },
    { id: "beside", kind: "beside", name: "Beside the mesh" },
    { id: "closed", kind: "closed", name: "Open to nobody" },
  ];
}

function nodesOf(config: StackConfig): GraphNode[] {
  return [
    ...config.workloads.map((workload): GraphNode => {
      const group = idOf("namespace", workload.namespace);
      return {
        id: idOf("workload", workloadKey(workload)),
        kind: "workload",
        name: workload.name,
        group,
        hosts: [],
      };
    }),
    ...gatewaysOf(config).map(({ name }): GraphNode => {
      return { id: idOf("gateway", name), kind: "gateway", name, group: "gateways", hosts: [] };
    }),
    ...config.destinations.map(({ name, hosts }): GraphNode => {
      const id = idOf("destination", name);
      return { id, kind: "destination", name, group: "outside", hosts: sortedUnique(hosts) };
    }),
    ...config.outside.map((service): GraphNode => {
      const { name, addresses } = service;
      const id = idOf("service", name);
      return { id, kind: "service", name, group: "beside", hosts: [outsideHost(service)], addresses };
    }),
    ...(config.deny.length === 0 ? [] : [deniedNode(config.deny)]),
  ];
}

function deniedNode(hosts: string[]): GraphNode {
  return { id: "denied", kind: "denied", name: "Denied to everybody", group: "closed", hosts: sortedUnique(hosts) };
}

function edgeOf(config: StackConfig, { from: workload, to: name, ...rule }: AllowRule): GraphEdge {
  const destination = config.destinations.find((each) => each.name === name);
  const from = idOf("workload", workload);
  const common = { kind: "allowed", from, rule, calls: [] } as const;
  if (destination !== undefined) {
    const to = idOf("destination", name);
    const gateway = idOf("gateway", gatewayOf(config, destination));
    const protocols = sortedUnique(destination.protocols);
    return { ...common, id: edgeId({ from, gateway, to }), to, gateway, via: "gateway", protocols, calls: [] };
  }
  // A rule that names neither is no part of a sound configuration.
  const { ports, via } = config.outside.find((each) => each.name === name)!;
  const to = idOf("service", name);
  const protocols = sortedUnique(Object.keys(ports) as Protocol[]);
  return { ...common, id: edgeId({ from, to }), to, via, protocols, calls: [] };
}
