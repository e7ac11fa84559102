import { isDeepStrictEqual } from "node:util";
import { StackConfig } from "../config/types";
import { Manifest } from "../ground/manifest";
import { MeshTraits } from "../ground/mesh-traits";
import { selfAndWildcards } from "../ground/hosts";
import { meshNamespace } from "../ground/names";
import { groupedBy, sortedUnique } from "../ground/order";
import { bySelectors } from "../ground/selector-index";
import { GatewayArgs, WorkloadArgs } from "../plan/args";
import { planStack, stackArgs } from "../plan/stack";
import { Plan } from "../plan/types";
import { bypassAnnotation, bypassRanges } from "../ground/pods/proxy-config";
import { governs, NetworkPolicy } from "./reach";
import { Applied, knownTo } from "./state";
import { keyOf, Labels } from "./snapshot";

/** A workload of the stack: an identity, and the labels of its pods. */
export interface SubjectWorkload {
  namespace: string;
  name: string;
  serviceAccount: string;
  selector: Labels;
  /** Whether its pods are somebody else's, so that the stack's file has its ServiceAccount and selector. */
  existing: boolean;
  /** How many pods the stack has it run; undefined where others say so. */
  replicas?: number;
  /** The annotations that lead what it is granted past its sidecar, which count when a pod starts. */
  pastSidecar: Labels;
  /** Whether it is granted other ports than 80 and 443, for which its sidecars have to answer DNS. */
  tunnels: boolean;
}

/** A stack as the doctor looks at it: what it plans, and what it takes for granted of the cluster. */
export interface Subject {
  stack: string;
  config: StackConfig;
  /** Every object that the stack puts on the cluster; what charts make is not among them. */
  planned: Manifest[];
  /** The same by their keys, and those that are known by their keys only. */
  plannedKeys: ReadonlySet<string>;
  /** Those that the stack plans by their keys. */
  plannedBy: ReadonlyMap<string, Manifest>;
  /** The NetworkPolicies among them by their namespaces. */
  policies: ReadonlyMap<string, NetworkPolicy[]>;
  /** Namespaces that the stack gives sidecars, sorted. */
  guarded: string[];
  /** Namespaces of the stack that are somebody else's, sorted. */
  existing: string[];
  /** Those that are guarded and whose pods have no way out but by NetworkPolicies of the stack's. */
  enforced: string[];
  gatewayNamespace: string;
  gateways: GatewayArgs[];
  /** By their namespaces. */
  workloadsIn: ReadonlyMap<string, SubjectWorkload[]>;
  /** Those of a namespace whose selectors labels meet. */
  selecting: (namespace: string, labels?: Labels) => SubjectWorkload[];
  /** Hosts, and services beside the mesh, that some rule grants to somebody, of those that a host, or a pattern as `*.example.com`, takes in; in no order. */
  takenIn: (pattern: string) => readonly string[];
  /** Addresses of resolvers that the stack opens beside kube-dns' pods. */
  resolvers: string[];
  mesh: MeshTraits;
  /** The namespace in which Istio's objects count for the whole mesh. */
  rootNamespace: string;
  /** The namespace in which istiod is taken to be; undefined where the control plane is not in the cluster. */
  controlPlane?: string;
}

/** @param applied what the program has applied, for what it makes that is not in the stack's file @default nothing */
export function subjectOf(stack: string, config: StackConfig, applied?: Applied): Subject {
  const args = stackArgs(config);
  const ofFile = plannedObjects(planStack(config));
  const keys = new Set(ofFile.map(keyOf));
  const planned = [
    ...ofFile.map((manifest) => withTold(manifest, applied)),
    ...(applied?.manifests ?? []).filter((manifest) => !keys.has(keyOf(manifest))),
  ];
  const guarded = args.namespaces.filter(({ guard }) => guard !== "leave").map(({ name }) => name);
  const policies = groupedBy(
    planned.filter(({ kind }) => kind === "NetworkPolicy") as unknown as NetworkPolicy[],
    ({ metadata }) => metadata.namespace!,
  );
  const workloads = args.workloads.map(workloadOf);
  const workloadsIn = groupedBy(workloads, ({ namespace }) => namespace);
  const selectors = new Map(
    [...workloadsIn].map(([namespace, own]) => [namespace, bySelectors(own, ({ selector }) => selector)]),
  );
  const grantedHosts = sortedUnique([
    ...[...args.workloads, ...args.namespaces].flatMap(({ hosts = [] }) => hosts),
    ...[...(applied?.told.values() ?? [])].flatMap(({ own }) => own.map((host) => host.replace(/^.*\//, ""))),
  ]);
  const { name: gatewayNamespace, mesh = {}, resolvers = [] } = args.egress;
  return {
    stack,
    config,
    planned,
    plannedKeys: new Set([...keys, ...(applied?.keys ?? [])]),
    plannedBy: new Map(planned.map((object) => [keyOf(object), object])),
    policies,
    guarded,
    existing: args.namespaces.filter(({ existing }) => existing === true).map(({ name }) => name),
    enforced: guarded.filter((name) => policies.get(name)?.some((policy) => governs(policy, "Egress"))),
    gatewayNamespace,
    gateways: args.gateways,
    workloadsIn,
    selecting: (namespace, labels) => selectors.get(namespace)?.(labels) ?? [],
    takenIn: hostsTakenIn(grantedHosts),
    resolvers,
    mesh,
    rootNamespace: mesh.controlPlane?.namespace ?? meshNamespace,
    ...(isInCluster(mesh) ? { controlPlane: mesh.controlPlane?.namespace ?? meshNamespace } : {}),
  };
}

/** A Sidecar of the stack with what the program itself grants to its pods; all other objects as they are. */
function withTold(manifest: Manifest, applied: Applied | undefined): Manifest {
  const told = manifest.kind === "Sidecar" ? applied?.told.get(keyOf(manifest)) : undefined;
  if (told === undefined) {
    return manifest;
  }
  const all = sortedUnique([...knownTo(manifest), ...told.own]);
  // In the order in which it was applied, where nothing else of it is new.
  const hosts = isDeepStrictEqual(all, sortedUnique(told.known)) ? told.known : all;
  const { egress, ...spec } = manifest.spec as { egress: [object] };
  return { ...manifest, spec: { ...spec, egress: [{ ...egress[0], hosts }] } };
}

function isInCluster({ managed, controlPlane }: MeshTraits): boolean {
  return managed === undefined && controlPlane?.ranges === undefined;
}

function workloadOf(args: WorkloadArgs): SubjectWorkload {
  const {
    namespace,
    name,
    made,
    serviceAccount = name,
    selector = { app: name },
    bypassed = [],
    tunnels = false,
  } = args;
  const replicas = made === undefined || made.replicas === "auto" ? undefined : (made.replicas ?? 1);
  return {
    namespace,
    name,
    serviceAccount,
    selector,
    existing: made === undefined,
    ...(replicas === undefined ? {} : { replicas }),
    tunnels,
    pastSidecar: bypassed.length === 0 ? {} : { [bypassAnnotation]: bypassRanges(bypassed) },
  };
}

/** Every object of a plan; what is put on a namespace of somebody else's is none. */
export function plannedObjects(plan: Plan): Manifest[] {
  const { mesh, egress, gateways, namespaces, workloads, destinations, outside, admission, dns, roles, metrics } = plan;
  return [
    ...(mesh === undefined ? [] : [mesh.namespace, ...mesh.policies]),
    ...egress,
    ...admission,
    ...dns,
    ...roles,
    ...metrics,
    ...[gateways, namespaces, workloads, destinations, outside].flatMap((parts) =>
      parts.flatMap(({ manifests }) => manifests),
    ),
  ].filter(({ kind }) => kind !== "NamespacePatch");
}

/** Whether an object is one of those that the stack plans. */
export function isPlanned({ plannedKeys }: Subject, object: Parameters<typeof keyOf>[0]): boolean {
  return plannedKeys.has(keyOf(object));
}

/** Labels of a gateway's pods, as its Deployment gives them. */
export function gatewayLabels({ plannedBy, gatewayNamespace: namespace }: Subject, name: string): Labels {
  const deployment = plannedBy.get(keyOf({ apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace, name } }));
  const { template } = (deployment?.spec ?? {}) as { template?: { metadata?: { labels?: Labels } } };
  return template?.metadata?.labels ?? {};
}

/** Hosts by the patterns that take them in. */
function hostsTakenIn(hosts: readonly string[]): Subject["takenIn"] {
  const byPattern = new Map<string, string[]>([["*", [...hosts]]]);
  for (const host of hosts) {
    for (const pattern of selfAndWildcards(host)) {
      const taken = byPattern.get(pattern) ?? [];
      byPattern.set(pattern, taken);
      taken.push(host);
    }
  }
  return (pattern) => byPattern.get(pattern) ?? [];
}
