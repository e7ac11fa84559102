import { directTable } from "../config/direct";
import { Resolving } from "../config/dns";
import { datesOf } from "../config/expired";
import { gatewaysOf } from "../config/gateway-of";
import { meshTraits } from "../config/mesh-traits";
import { countsCalls } from "../config/metrics";
import { ClusterConfig, NamespaceConfig, StackConfig, WorkloadConfig } from "../config/types";
import { onGke, OnGke } from "../gke/kubernetes";
import { Grants, grantsOf, isByAddress, isDirect } from "../grants";
import { collectorService } from "../ground/collector";
import { resolverImage } from "../ground/dns";
import { forwardingOf } from "../ground/forwarding";
import { imageMirror } from "../ground/gke/names";
import { mergeDeep } from "../ground/objects";
import { sortedBy, sortedUnique } from "../ground/order";
import { namespaceKey, namespaceOf, observerName, workloadKey } from "../ground/names";
import { planAdmission } from "./admission";
import {
  AdmissionArgs,
  Client,
  EgressNamespaceArgs,
  GatewayArgs,
  MeshArgs,
  MeshTraits,
  MetricsArgs,
  NamespaceArgs,
  ResolverArgs,
  RolesArgs,
  StackArgs,
  WorkloadArgs,
} from "./args";
import { statsPort } from "./call-counters";
import { planDestination } from "./destination";
import { planEgressNamespace } from "./egress-namespace";
import { planGateway } from "./gateway";
import { planMesh } from "./mesh";
import { planMetrics } from "./metrics";
import { isWalled, planNamespace } from "./namespace";
import { requireOneOfEachName } from "./one-name";
import { planOutside } from "./outside";
import { planRoles } from "./rbac";
import { planResolver } from "./resolver";
import { Plan } from "./types";
import { planWorkload } from "./workload";
import { countedBehind, endsBehind, identityOf, needsBehind, targetArgs, whenAny } from "./granted-behind";
import { knownHosts, madeOf, reachOf, waysOf } from "./granted-to";

/**
 * Everything that a stack puts on its cluster.
 *
 * @throws ArgumentError where two objects would have one name, or one could mean another thing than it says: `parseConfig`
 *   lets no such configuration pass
 */
export function planStack(config: StackConfig): Plan {
  return planOf(stackArgs(config));
}

/** The same, where the arguments of its components are there already. */
export function planOf(args: StackArgs): Plan {
  const plan: Plan = {
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
    outside: args.outside.map((outside) => ({
      name: outside.name,
      namespace: outside.namespace,
      clients: sortedUnique(outside.clients ?? []),
      manifests: planOutside(outside),
    })),
    admission: args.admission === undefined ? [] : planAdmission(args.admission),
    dns: args.dns === undefined ? [] : planResolver(args.dns),
    roles: args.roles === undefined ? [] : planRoles(args.roles),
    metrics: args.metrics === undefined ? [] : planMetrics(args.metrics),
  };
  requireOneOfEachName(plan);
  return plan;
}

/** The arguments of every component of a stack: its configuration, with the grants as each of them needs to know them. */
export function stackArgs(config: StackConfig): StackArgs {
  const { args, workloads } = stackArgsInSteps(config);
  return { ...args, workloads: workloads() };
}

/** The same in two steps, for who may not need the second one: of many rules, workloads are most of the work. */
export interface StackArgsInSteps {
  args: Omit<StackArgs, "workloads">;
  workloads: () => WorkloadArgs[];
}

export function stackArgsInSteps(config: StackConfig): StackArgsInSteps {
  const grants = grantsOf(config);
  const gatewayNamespace = config.gateway.namespace;
  const guardedNamespaces = sortedUnique(config.namespaces.map((namespace) => namespace.name));
  const { meshValues = {}, maxReplicas, placement, resolvers, dnsPort, controlPlane } = clusterTraits(config.cluster);
  const mesh = { ...meshTraits(config.mesh), ...(controlPlane === undefined ? {} : { controlPlane }) };
  const shared = { guardedNamespaces, gatewayNamespace, mesh };
  const onCluster = {
    ...(resolvers === undefined ? {} : { resolvers }),
    ...(dnsPort === undefined ? {} : { dnsPort }),
  };
  const walled = walledNamespaces(config);
  const gateways = sortedBy([...gatewaysOf(config), ...observerOf(config, grants)], ({ name }) => name);
  const needs = new Map(gateways.map(({ name }) => [name, needsBehind(grants, name)]));
  const peersOf = new Map(config.namespaces.map(({ name, peers }) => [name, peers]));
  const { resolving } = grants;
  const askingIn = new Map(resolving?.namespaces.map(({ name, except }) => [name, except]));
  const workloads = (): WorkloadArgs[] =>
    sortedBy(config.workloads, workloadKey).map((workload) => ({
      ...workload,
      ...(grants.observed.has(workloadKey(workload)) ? { observed: true } : {}),
      ...(resolving?.has(workloadKey(workload)) && workload.made !== undefined ? { resolver: resolving.address } : {}),
      ...shared,
      ...whenAny("peers", peersOf.get(workload.namespace) ?? []),
      ...reachOf(grants.reach(workloadKey(workload))),
      ...madeOf(workload, grants.reach(workloadKey(workload))),
      ...(walled.has(workload.namespace) ? waysOf(grants.of(workloadKey(workload))) : {}),
    }));
  const args = {
    ...meshArgs(config, meshValues, resolving),
    egress: { name: gatewayNamespace, mesh, guardedNamespaces, ...onCluster, ...known(grants) },
    gateways: gateways.map((gateway) => ({
      ...needs.get(gateway.name),
      namespace: gatewayNamespace,
      mesh,
      ...(maxReplicas === undefined ? {} : { maxReplicas }),
      ...gateway,
      ...(placement === undefined ? {} : { placement }),
      ...(forwardingOf(mesh).ends ? endsBehind(grants, gateway.name) : {}),
      ...(countsCalls(config) ? countedBehind(grants, gateway.name) : {}),
      ...(config.logs.openTelemetry === undefined ? {} : { collector: config.logs.openTelemetry }),
    })),
    namespaces: sortedBy(config.namespaces, ({ name }) => name).map((namespace) => ({
      ...namespace,
      ...shared,
      ...whenAny("hosts", knownHosts(grants.of(namespaceKey(namespace.name)))),
      ...onCluster,
      ...observedIn(grants, namespace.name),
      ...askingFrom(askingIn.get(namespace.name)),
      ...(countsCalls(config) ? countedIn(config, namespace) : {}),
    })),
    ...targetArgs(grants, { gatewayNamespace, mesh, walled, needs }),
    ...admissionArgs(config, grants, { mesh, gateways: gateways.map(({ name }) => name) }),
    ...(resolving === undefined ? {} : { dns: resolverArgs(config, grants, resolving) }),
    ...rolesArgs(config, { mesh, gateways: gateways.map(({ name }) => name), resolver: resolving !== undefined }),
    ...(countsCalls(config) ? { metrics: metricsArgs(config, gateways) } : {}),
  };
  return { args, workloads };
}

function metricsArgs(config: StackConfig, gateways: { name: string }[]): MetricsArgs {
  const { mode, prometheus, labels } = config.metrics;
  const dates = datesOf(config);
  return {
    namespace: config.gateway.namespace,
    gateways: gateways.map(({ name }) => name),
    namespaces: config.namespaces.map(({ name }) => name),
    prometheus,
    ...(mode === "operator" ? { operator: true } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(dates.length === 0 ? {} : { dates }),
  };
}

/** What the stack's resolver knows: what is granted to somebody, whoever asks. */
function resolverArgs(config: StackConfig, grants: Grants, { address, zones }: Resolving): ResolverArgs {
  const registry = config.cluster.kind === "gke" ? imageMirror(config.cluster) : "docker.io";
  const { image = `${registry}/${resolverImage}`, replicas } = config.dns;
  const granted = [...grants.targets.values()].filter(
    (target) => target.kind === "destination" && grants.to(target.name).length > 0,
  );
  const hosts = sortedUnique(granted.flatMap((target) => (isByAddress(target) ? [] : target.hosts)));
  const excepted = granted.flatMap(({ name }) => grants.excepted(name)).filter((name) => !hosts.includes(name));
  const own = [...grants.targets.values()].flatMap((target) =>
    isDirect(target) && grants.to(target.name).length > 0
      ? directTable[target.direct]
          .addresses(config.cluster)
          .slice(0, 1)
          .map((each) => ({ host: target.hosts[0]!, address: each }))
      : [],
  );
  return {
    namespace: config.gateway.namespace,
    address,
    image,
    replicas,
    askers: config.namespaces.map(({ name }) => name),
    zones,
    hosts,
    ...whenAny("except", sortedUnique(excepted)),
    ...whenAny(
      "own",
      sortedBy(own, ({ host }) => host),
    ),
  };
}

/** How a namespace's pods ask for names, where some ask the stack's resolver. */
function askingFrom(
  except: readonly WorkloadConfig[] | undefined,
): Pick<NamespaceArgs, "allowedNames" | "askingFreely"> {
  return except === undefined
    ? {}
    : {
        allowedNames: true,
        ...(except.length === 0
          ? {}
          : { askingFreely: except.map(({ name, selector }) => ({ workload: name, selector })) }),
      };
}

/** What admission policies are made from: nothing, where they are off. */
function admissionArgs(
  config: StackConfig,
  grants: Grants,
  { mesh, gateways }: Pick<AdmissionArgs, "mesh" | "gateways">,
): { admission?: AdmissionArgs } {
  const { mode, platform, registries, proxyImage, audiences, exec, owners, exemptions } = config.admission;
  if (mode === "off") {
    return {};
  }
  const ownersOf = new Map(owners.map(({ workload, users, groups }) => [workload, { users, groups }]));
  return {
    admission: {
      mode,
      platform,
      gatewayNamespace: config.gateway.namespace,
      gateways,
      namespaces: [...walledNamespaces(config)].sort(),
      mesh,
      workloads: sortedBy(config.workloads, workloadKey).map((workload) => {
        const { name, namespace, serviceAccount, selector } = workload;
        const own = grants.reach(workloadKey(workload));
        return {
          name,
          namespace,
          serviceAccount,
          selector,
          granted: own.length > 0,
          owners: ownersOf.get(workloadKey(workload)) ?? { users: [], groups: [] },
          ...whenAny("bypassed", reachOf(own).bypassed ?? []),
        };
      }),
      ...whenAny("registries", registries),
      ...(proxyImage === undefined ? {} : { proxyImage }),
      ...whenAny("audiences", audiences),
      ...(exec === "platform" ? { exec: true } : {}),
      ...(exemptions.length === 0
        ? {}
        : {
            exemptions: exemptions.map(({ rule, namespace, serviceAccount, object }) => ({
              rule,
              namespace,
              ...(serviceAccount === undefined ? {} : { serviceAccount }),
              ...(object === undefined ? {} : { object }),
            })),
          }),
    },
  };
}

/** Who is let do what: nothing is made of it, where nobody is named. */
function rolesArgs(
  { gateway, namespaces, workloads, admission, metrics, logs, rbac }: StackConfig,
  { resolver, ...stack }: Pick<RolesArgs, "mesh" | "gateways" | "resolver">,
): Pick<StackArgs, "roles"> {
  const { deploy, ...rights } = rbac;
  const collectorNamespace = collectorService(logs.openTelemetry?.service ?? "")?.namespace;
  return deploy.length === 0 && Object.keys(rights).length === 0
    ? {}
    : {
        roles: {
          ...stack,
          gatewayNamespace: gateway.namespace,
          namespaces: sortedUnique(namespaces.map(({ name }) => name)),
          made: sortedBy(
            workloads.flatMap(({ made, namespace, name }) => (made === undefined ? [] : { namespace, name })),
            workloadKey,
          ),
          ...(admission.mode === "off" ? {} : { admission: true }),
          ...(resolver === true ? { resolver } : {}),
          ...(metrics.mode === "operator" ? { monitored: true } : {}),
          ...(collectorNamespace === undefined ? {} : { collectorNamespace }),
          ...rights,
          ...(deploy.length === 0 ? {} : { deploy }),
        },
      };
}

/** The gateway of what is observed, which is there as long as somebody is. */
function observerOf(
  config: StackConfig,
  { observed: { namespaces, workloads }, workloads: known }: Grants,
): (Pick<GatewayArgs, "name" | "replicas" | "maxReplicas" | "drain"> & { observed: Client[] })[] {
  const observed = [
    ...namespaces.map((namespace): Client => ({ namespace, everyServiceAccount: true })),
    ...workloads.map((key) => identityOf({ key, namespace: namespaceOf(key), workload: known.get(key)! })),
  ];
  const { namespace: _, ...size } = config.gateway;
  return observed.length === 0 ? [] : [{ name: observerName, ...size, observed }];
}

function observedIn({ observed: { homes, has } }: Grants, namespace: string): Pick<NamespaceArgs, "observed"> {
  return homes.has(namespace) ? { observed: has(namespaceKey(namespace)) ? "all" : "workloads" } : {};
}

/** What is installed of the mesh: nothing, where it is somebody else's. */
function meshArgs(
  config: StackConfig,
  clusterValues: Record<string, unknown>,
  resolving: Resolving | undefined,
): Pick<StackArgs, "mesh"> {
  const { mesh, namespaces } = config;
  if (mesh.kind !== "istio") {
    return {};
  }
  const { version, charts, values, clientMtls } = mesh;
  const forced = clientMtls === "forced" ? { forceClientMtls: true } : {};
  const named = namespaces.flatMap(({ name, existing, peers }) => [...(existing ? [name] : []), ...peers]);
  const discovered = whenAny("discovered", sortedUnique(named));
  const resolver = injectedResolver(resolving);
  return { mesh: { version, charts, values: mergeDeep(clusterValues, values), ...forced, ...discovered, ...resolver } };
}

/** Whose pods the injector tells of the stack's resolver. */
function injectedResolver(resolving: Resolving | undefined): Pick<MeshArgs, "resolver"> {
  if (resolving === undefined || resolving.namespaces.length === 0) {
    return {};
  }
  const namespaces = resolving.namespaces.map(({ name, except }) => ({
    name,
    ...(except.length === 0 ? {} : { except: except.map(({ selector }) => selector) }),
  }));
  return { resolver: { address: resolving.address, namespaces } };
}

/** What a cluster means for the objects on it. */
interface ClusterTraits extends Partial<OnGke> {
  /** Port that kube-dns' pods listen on, where it is not 53. */
  dnsPort?: number;
  controlPlane?: MeshTraits["controlPlane"];
}

function clusterTraits(cluster: ClusterConfig): ClusterTraits {
  if (cluster.kind === "gke") {
    return onGke(cluster);
  }
  const { dns, controlPlane } = cluster;
  return {
    ...whenAny("resolvers", dns.resolvers),
    ...(dns.port === 53 ? {} : { dnsPort: dns.port }),
    ...(controlPlane === undefined ? {} : { controlPlane }),
  };
}

/** What sidecars of a namespace count; where nobody may call its pods who is not named, Prometheus is. */
function countedIn({ metrics }: StackConfig, { ingress }: NamespaceConfig): Pick<NamespaceArgs, "counts" | "ingress"> {
  return {
    counts: true,
    ...(ingress === undefined
      ? {}
      : { ingress: { from: [...ingress.from, { ...metrics.prometheus, ports: [statsPort.number] }] } }),
  };
}

function walledNamespaces({ namespaces }: StackConfig): Set<string> {
  return new Set(namespaces.filter(isWalled).map(({ name }) => name));
}

/** What of the cluster's own sidecars are told of, and in which namespaces. */
function known(grants: Grants): Pick<EgressNamespaceArgs, "known"> {
  const all = [...grants.targets.values()].flatMap((target) => {
    const clients = grants.to(target.name).map(({ client }) => client.namespace);
    return isDirect(target) && target.config.via === "service" && clients.length > 0
      ? [{ host: target.hosts[0]!, ...target.opened[0]!, namespaces: sortedUnique(clients) }]
      : [];
  });
  return all.length === 0 ? {} : { known: all };
}
