import { AllowRule, ClusterConfig, DestinationConfig, StackConfig, WorkloadConfig } from "../config/types";
import { OnGke, onGke } from "../gke/kubernetes";
import { sortedBy, sortedUnique } from "../order";
import { Client, StackArgs } from "./args";
import { planDestination } from "./destination";
import { planGateway } from "./gateway";
import { mergeValues } from "./merge-values";
import { planMesh } from "./mesh";
import { planNamespace } from "./namespace";
import { Plan } from "./types";
import { planWorkload } from "./workload";

/** Everything that a stack puts on its cluster. */
export function planStack(config: StackConfig): Plan {
  const args = stackArgs(config);
  return {
    mesh: planMesh(args.mesh),
    gateway: planGateway(args.gateway),
    namespaces: args.namespaces.map((namespace) => ({ name: namespace.name, manifests: planNamespace(namespace) })),
    workloads: args.workloads.map((workload) => ({
      name: workload.name,
      namespace: workload.namespace,
      manifests: planWorkload(workload),
    })),
    destinations: args.destinations.map(({ name, ...rest }) => ({
      name,
      manifests: planDestination({ name, ...rest }),
    })),
  };
}

/** The arguments of every component of a stack; rules are resolved here into hosts of workloads and clients of hosts. */
export function stackArgs(config: StackConfig): StackArgs {
  const { version, charts, values } = config.mesh;
  const { namespace: gatewayNamespace, ...gateway } = config.gateway;
  const guardedNamespaces = sortedUnique(config.namespaces.map((namespace) => namespace.name));
  const shared = { guardedNamespaces, gatewayNamespace };
  const { meshValues = {}, maxReplicas, placement, resolvers } = clusterTraits(config.cluster);
  const onCluster = resolvers === undefined ? {} : { resolvers };
  return {
    mesh: { version, charts, values: mergeValues(meshValues, values) },
    gateway: {
      namespace: gatewayNamespace,
      guardedNamespaces,
      ...(maxReplicas === undefined ? {} : { maxReplicas }),
      ...gateway,
      ...(placement === undefined ? {} : { placement }),
      ...onCluster,
    },
    namespaces: sortedBy(config.namespaces, ({ name }) => name).map((namespace) => ({
      ...namespace,
      ...shared,
      ...onCluster,
    })),
    workloads: sortedBy(config.workloads, workloadKey).map((workload) => ({
      ...workload,
      ...shared,
      hosts: grantedHosts(config, workload),
    })),
    destinations: sortedBy(config.destinations, ({ name }) => name).flatMap((destination) => {
      const clients = clientsOf(config, destination);
      return clients.length === 0 ? [] : [{ ...destination, clients, gatewayNamespace }];
    }),
  };
}

/** What the kind of cluster means for the objects on it: nothing, for one that exists. */
function clusterTraits(cluster: ClusterConfig): Partial<OnGke> {
  return cluster.kind === "gke" ? onGke(cluster) : {};
}

/** `namespace/name`, the form in which rules name a workload. */
export function workloadKey({ namespace, name }: Pick<WorkloadConfig, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}

function grantedHosts(config: StackConfig, workload: WorkloadConfig): string[] {
  const key = workloadKey(workload);
  const granted = new Set(config.allow.filter((rule) => rule.from === key).map((rule) => rule.to));
  return sortedUnique(config.destinations.filter(({ name }) => granted.has(name)).flatMap(({ hosts }) => hosts));
}

function clientsOf(config: StackConfig, destination: DestinationConfig): Client[] {
  const keys = new Set(rulesTo(config, destination).map((rule) => rule.from));
  return sortedBy(config.workloads, workloadKey)
    .filter((workload) => keys.has(workloadKey(workload)))
    .map(({ namespace, name }) => ({ namespace, serviceAccount: name }));
}

function rulesTo(config: StackConfig, destination: DestinationConfig): AllowRule[] {
  return config.allow.filter((rule) => rule.to === destination.name);
}
