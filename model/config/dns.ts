import { meshNamespace, namespaceOf, serviceOfHost, workloadKey } from "../ground/names";
import { resolverName } from "../ground/dns";
import { groupedBy, sortedUnique } from "../ground/order";
import { meshTraits } from "./mesh-traits";
import { observedOf } from "./observed";
import { StackConfig, WorkloadConfig } from "./types";

/** Whose names are looked up at the stack's resolver, which knows what is granted and nothing else. */
export interface Resolving {
  /** Address of its Service. */
  address: string;
  /** Namespaces whose pods ask it, sorted by name, each with those of its workloads that do not, as they are observed. */
  namespaces: { name: string; except: WorkloadConfig[] }[];
  /** Namespaces whose Services it knows, sorted. */
  zones: string[];
  /** Whether a workload asks it, by `namespace/workload`. */
  has: (key: string) => boolean;
}

type Part = Pick<StackConfig, "dns" | "namespaces" | "workloads" | "gateway" | "cluster">;

/** Undefined where every pod asks the cluster's own resolver. Whoever has the whole configuration finds it among its grants. */
export function resolvingOf(config: Part): Resolving | undefined {
  const { mode, address } = config.dns;
  if (mode !== "allowed-only" || address === undefined) {
    return undefined;
  }
  const observed = observedOf(config);
  const asking = config.namespaces.filter(
    ({ name, guard }) => guard !== "leave" && !observed.namespaces.includes(name),
  );
  const names = new Set(asking.map(({ name }) => name));
  const free = groupedBy(
    config.workloads.filter((workload) => observed.has(workloadKey(workload))),
    ({ namespace }) => namespace,
  );
  const controlPlane = config.cluster.kind === "existing" ? config.cluster.controlPlane?.namespace : undefined;
  return {
    address,
    namespaces: asking.map(({ name }) => ({ name, except: free.get(name) ?? [] })),
    zones: sortedUnique([
      ...config.namespaces.flatMap(({ name, peers }) => [name, ...peers]),
      config.gateway.namespace,
      controlPlane ?? meshNamespace,
    ]),
    has: (key) => names.has(namespaceOf(key)) && !observed.has(key),
  };
}

/** Whether the resolver knows a name of the cluster's. */
export function isInZones({ zones }: Resolving, host: string): boolean {
  const service = serviceOfHost(host);
  return service !== undefined && zones.includes(service.namespace);
}

/** Who asks the cluster's own resolver for every name all the same, as they are observed: `namespace/*`, and workloads. */
export function askingFreely(config: Part, { namespaces }: Resolving): string[] {
  return [
    ...observedOf(config).namespaces.map((name) => `${name}/*`),
    ...namespaces.flatMap(({ except }) => except.map(workloadKey)),
  ];
}

/** What an operator is to know of names that are not looked up, a sentence each, without a full stop. */
export function resolvingSteps(config: Part & Pick<StackConfig, "mesh" | "admission">): string[] {
  const resolving = resolvingOf(config);
  if (resolving === undefined) {
    return [];
  }
  const { address, namespaces } = resolving;
  const freely = askingFreely(config, resolving);
  const others = config.namespaces.filter(({ existing }) => existing).map(({ name }) => name);
  const byOwners =
    meshTraits(config.mesh).foreign === true
      ? sortedUnique([
          ...others.filter((name) => namespaces.some((namespace) => namespace.name === name)),
          ...config.workloads
            .filter((workload) => workload.made === undefined && resolving.has(workloadKey(workload)))
            .map(({ namespace }) => namespace),
        ])
      : [];
  return [
    `pods of ${namespaces.map(({ name }) => name).join(", ") || "no namespace"} look names up at ${resolverName}, ${address}, which knows what is granted, and Services of ${resolving.zones.join(", ")}: every other name is refused, and asked of no other resolver`,
    "a pod that asks another resolver has none: what runs when this is applied is without names until it was restarted",
    ...(freely.length === 0
      ? []
      : [`${freely.join(", ")}: observed, so these look every name up at the cluster's own resolver`]),
    ...(byOwners.length === 0
      ? []
      : [
          `the mesh is somebody else's: pods that the stack does not make in ${byOwners.join(", ")} need dnsPolicy: None and dnsConfig: {nameservers: [${address}], searches: [<namespace>.svc.cluster.local, svc.cluster.local, cluster.local]} from their owners`,
        ]),
    ...(config.admission.mode === "deny"
      ? []
      : [
          "whoever may make a Service with an externalName in these namespaces can still have a name looked up: admission: {mode: deny} refuses that",
        ]),
  ];
}
