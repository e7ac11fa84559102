import { ClusterConfig, MeshConfig, StackConfig, WorkloadConfig } from "../config/types";
import { OnGke, onGke } from "../gke/kubernetes";
import { sortedBy, sortedUnique } from "../ground/order";
import { StackArgs, WorkloadArgs } from "./args";
import { planDestination } from "./destination";
import { planEgressNamespace } from "./egress-namespace";
import { planGateway } from "./gateway";
import { gatewayOf, gatewaysOf } from "../config/gateway-of";
import { mergeDeep } from "../ground/objects";
import { planMesh } from "./mesh";
import { meshTraits } from "../config/mesh-traits";
import { planNamespace } from "./namespace";
import { outsideHost, planOutside } from "./outside";
import { Plan } from "./types";
import { planWorkload } from "./workload";

/** Everything that a stack puts on its cluster. */
export function planStack(config: StackConfig): Plan {
  const args = stackArgs(config);
  return {
    ...(args.mesh === undefined ? {} : { mesh: planMesh(args.mesh) }),
    egress: planEgressNamespace(args.egress),
    gateways: args.gateways.map((gateway) => ({ name: gateway.name, manifests: planGateway(gateway) })),
    namespaces: args.namespaces.map((namespace) => ({ name: namespace.name, manifests: planNamespace(namespace) })),
    workloads: args.workloads.map((workload) => ({
      name: workload.name,
      namespace: workload.namespace,
      manifests: planWorkload(workload),
    })),
    destinations: args.destinations.map((destination) => ({
      name: destination.name,
      manifests: planDestination(destination),
    })),
    outside: args.outside.map((outside) => ({ name: outside.name, manifests: planOutside(outside) })),
  };
}

/** The arguments of every component of a stack; rules are resolved here into hosts of workloads and clients of hosts. */
export function stackArgs(config: StackConfig): StackArgs {
  const gatewayNamespace = config.gateway.namespace;
  const guardedNamespaces = sortedUnique(config.namespaces.map((namespace) => namespace.name));
  const mesh = meshTraits(config.mesh);
  const shared = { guardedNamespaces, gatewayNamespace };
  const { meshValues = {}, maxReplicas, placement, resolvers } = clusterTraits(config.cluster);
  const onCluster = resolvers === undefined ? {} : { resolvers };
  return {
    ...meshArgs(config.mesh, meshValues),
    egress: { name: gatewayNamespace, mesh, guardedNamespaces, ...onCluster },
    gateways: gatewaysOf(config).map((gateway) => ({
      namespace: gatewayNamespace,
      mesh,
      ...(maxReplicas === undefined ? {} : { maxReplicas }),
      ...gateway,
      ...(placement === undefined ? {} : { placement }),
    })),
    namespaces: sortedBy(config.namespaces, ({ name }) => name).map((namespace) => ({
      ...namespace,
      ...shared,
      mesh,
      ...onCluster,
    })),
    workloads: sortedBy(config.workloads, workloadKey).map((workload) => ({
      ...workload,
      ...shared,
      mesh,
      ...reachOf(config, workload),
    })),
    destinations: sortedBy(config.destinations, ({ name }) => name).flatMap((destination) => {
      const clients = clientsOf(config, destination).map(({ namespace, name }) => ({
        namespace,
        serviceAccount: name,
      }));
      const gateway = { name: gatewayOf(config, destination), namespace: gatewayNamespace, mesh };
      return clients.length === 0 ? [] : [{ ...destination, clients, gateway }];
    }),
    outside: sortedBy(config.outside, ({ name }) => name).flatMap((outside) => {
      const clients = clientsOf(config, outside).map(({ name }) => name);
      return clients.length === 0 ? [] : [{ ...outside, clients, gatewayNamespace }];
    }),
  };
}

/** What is installed of the mesh: nothing, where it is somebody else's. */
function meshArgs(mesh: MeshConfig, clusterValues: Record<string, unknown>): Pick<StackArgs, "mesh"> {
  if (mesh.kind !== "istio") {
    return {};
  }
  const { version, charts, values, clientMtls } = mesh;
  const forced = clientMtls === "forced" ? { forceClientMtls: true } : {};
  return { mesh: { version, charts, values: mergeDeep(clusterValues, values), ...forced } };
}

/** What the kind of cluster means for the objects on it: nothing, for one that exists. */
function clusterTraits(cluster: ClusterConfig): Partial<OnGke> {
  return cluster.kind === "gke" ? onGke(cluster) : {};
}

/** `namespace/name`, the form in which rules name a workload. */
export function workloadKey({ namespace, name }: Pick<WorkloadConfig, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}

/** What a workload is granted: names that its sidecar knows, and addresses that go past it. */
function reachOf(config: StackConfig, workload: WorkloadConfig): Pick<WorkloadArgs, "hosts" | "bypassed"> {
  const key = workloadKey(workload);
  const granted = new Set(config.allow.filter((rule) => rule.from === key).map((rule) => rule.to));
  const destinations = config.destinations.filter(({ name }) => granted.has(name)).flatMap(({ hosts }) => hosts);
  const outside = config.outside.filter(({ name }) => granted.has(name));
  const known = outside.filter(({ via }) => via === "service").map(outsideHost);
  const bypassed = outside.filter(({ via }) => via === "bypass").flatMap(({ addresses }) => addresses);
  return {
    hosts: sortedUnique([...destinations, ...known]),
    ...(bypassed.length === 0 ? {} : { bypassed: sortedUnique(bypassed) }),
  };
}

/** The workloads that some rule grants a destination or a service beside the mesh. */
function clientsOf(config: StackConfig, { name }: { name: string }): WorkloadConfig[] {
  const keys = new Set(config.allow.filter((rule) => rule.to === name).map((rule) => rule.from));
  return sortedBy(config.workloads, workloadKey).filter((workload) => keys.has(workloadKey(workload)));
}
