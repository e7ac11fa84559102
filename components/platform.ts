import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  adoptions,
  ArgumentError,
  expiryWarnings,
  grantedExternalPorts,
  neededAnnotations,
  planOf,
  portText,
  privateDestinations,
  addressDestinations,
  ResolverArgs,
  SecretKey,
  servicesBeside,
  StackArgs,
  stackArgs,
  StackConfig,
  googleApiWarnings,
  pastOriginationWarnings,
  unreachableHosts,
  wildcardWarnings,
} from "../model";
import type { GkeCluster } from "./cluster/gke-cluster";
import { loadGke } from "./cluster/load-gke";
import { Admission } from "./admission";
import { EgressDestination } from "./egress-destination";
import { EgressGateway } from "./egress-gateway";
import { EgressRoles } from "./egress-roles";
import { EgressMetrics } from "./egress-metrics";
import { EgressNamespace } from "./egress-namespace";
import { EgressResolver } from "./egress-resolver";
import { InjectedNamespace } from "./injected-namespace";
import type { Every } from "./known-arguments";
import { existingMesh, Mesh } from "./mesh";
import { OutsideService } from "./outside-service";
import { given, planned } from "./planned";
import { defaultSettings, givenProvider } from "./providers";
import { refuseTaken } from "./taken-namespaces";
import { Workload } from "./workload";

export interface PlatformArgs {
  /**
   * What the platform holds, as the model's `parseConfig` gives it. `readStackConfig()` is all of these arguments, of a stack's
   * file: `new Platform("platform", readStackConfig())`.
   */
  config: StackConfig;
  /**
   * Parts of the configuration that are encrypted in the stack's file: what is made from them is a secret in the
   * state and in previews as well.
   * @default none
   * @example ["workloads"]
   */
  secretKeys?: SecretKey[];
}

const everyArgument: Every<PlatformArgs> = {
  config: true,
  secretKeys: true,
};

/**
 * A cluster's mesh, its egress gateways, its guarded namespaces and their workloads, and the destinations that the
 * allowlist grants: one stack, from its configuration.
 *
 * Its children are called after it and after what they stand for, such as `platform-test-app/app-a`.
 *
 * On a cluster that exists they are made by the `kubernetes` provider that is given in its options, or its parent's; without
 * one, by a provider for the cluster that the configuration names, with whatever else the stack's `kubernetes:…` keys say.
 */
export class Platform extends pulumi.ComponentResource {
  /** Namespace of the egress gateways. */
  readonly gatewayNamespace: pulumi.Output<string>;
  /** What the certificate of each workload names, by `namespace/workload`. */
  readonly identities: pulumi.Output<Record<string, string>>;
  /** The external hosts that each workload is granted, by `namespace/workload`; an empty list is a workload without any. */
  readonly grants: pulumi.Output<Record<string, string[]>>;
  /** Its guarded namespaces by their names, for clients of the program's own. */
  readonly namespaces: Readonly<Record<string, InjectedNamespace>>;
  /** Its gateways by their names, for destinations of the program's own. */
  readonly gateways: Readonly<Record<string, EgressGateway>>;
  /** How the owners of each existing namespace have its pods made anew, with a sidecar or without, by namespace. */
  readonly restarts: pulumi.Output<Record<string, string>>;
  /** The cluster, where the stack makes it: it knows the addresses from which all egress comes, and the way to itself. */
  readonly gke: GkeCluster | undefined;

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:Platform", name, {}, opts);

    const { config, secretKeys: encrypted = [] } = given(args);
    const what = `a configuration, as in new Platform("${name}", readStackConfig())`;
    const parts = { config: { what, given: config, by: "namespaces" } };
    const stack = planned(`Platform "${name}"`, { parts, of: { args, known: everyArgument } }, () => soundArgs(config));
    expiryWarnings(config).forEach((warning) => void pulumi.log.warn(warning, this));
    [
      ...unreachableHosts(config),
      ...googleApiWarnings(config),
      ...neededAnnotations(config),
      ...wildcardWarnings(config),
      ...pastOriginationWarnings(config),
    ].forEach(({ path, problem }) => void pulumi.log.warn(`${path}: ${problem}.`, this));
    const { gke, provider } = clusterOf(this, name, config);
    // Without an engine, as in tests with mocks, nothing is made; and what a provider of others is for nobody here knows.
    if (config.cluster.kind === "existing" && provider !== undefined && pulumi.runtime.hasEngine()) {
      const made = config.namespaces.filter(({ existing }) => !existing);
      void refuseTaken(
        config.cluster,
        made.map((namespace) => namespace.name),
      );
    }
    const providers = provider === undefined ? [] : [provider(`${name}-cluster`)];
    const child: pulumi.ComponentResourceOptions = { parent: this, providers };
    const takeOver = stack.mesh?.discovered === undefined ? undefined : provider?.(`${name}-certificates`, true);

    const mesh =
      stack.mesh === undefined
        ? (gke?.mesh ?? existingMesh(stack.egress.mesh))
        : new Mesh(`${name}-mesh`, { ...stack.mesh, takeOver, secretValues: encrypted.includes("mesh") }, child);
    const { name: egressNamespace, guardedNamespaces: callers, resolvers, dnsPort, known } = stack.egress;
    const egressArgs = { mesh, namespace: egressNamespace, guardedNamespaces: callers, resolvers, dnsPort, known };
    const egress = new EgressNamespace(`${name}-egress`, egressArgs, child);

    const gateways: Record<string, EgressGateway> = {};
    for (const { name: gateway, namespace: _, mesh: __, ...own } of stack.gateways) {
      const gatewayArgs = { ...own, namespace: egress, gateway };
      gateways[gateway] = new EgressGateway(`${name}-${egressNamespace}/${gateway}`, gatewayArgs, child);
    }

    const admission =
      stack.admission === undefined ? undefined : new Admission(`${name}-admission`, stack.admission, child);

    const resolver =
      stack.dns === undefined
        ? undefined
        : new EgressResolver(`${name}-dns`, { ...resolverOf(stack.dns), egress }, child);

    if (stack.metrics !== undefined) {
      const { namespace: _, namespaces: __, ...watched } = stack.metrics;
      new EgressMetrics(`${name}-metrics`, { ...watched, egress }, child);
    }

    const guarded: Record<string, InjectedNamespace> = {};
    const workloads: Record<string, Workload> = {};
    for (const {
      name: namespaceName,
      labels,
      existing,
      guard,
      guardedNamespaces,
      peers,
      ingress,
      hosts,
      observed,
      allowedNames,
      askingFreely,
      counts,
    } of stack.namespaces) {
      const namespaceArgs = {
        egress,
        namespace: namespaceName,
        ...(existing ? { existing, guard } : { labels }),
        guardedNamespaces,
        peers,
        ...(ingress === undefined ? {} : { ingress }),
        hosts,
        observed,
        counts,
        admission,
        ...(allowedNames === true ? { resolver, askingFreely } : {}),
      };
      const namespace = new InjectedNamespace(`${name}-${namespaceName}`, namespaceArgs, child);
      guarded[namespaceName] = namespace;

      for (const workload of stack.workloads.filter((candidate) => candidate.namespace === namespaceName)) {
        const key = `${namespaceName}/${workload.name}`;
        const secret = encrypted.includes("workloads");
        const {
          made,
          serviceAccount = workload.name,
          selector = {},
          hosts,
          bypassed,
          beside,
          tunnels,
          observed,
        } = workload;
        const pods = made ?? { existing: { serviceAccount, selector } };
        const workloadArgs = {
          ...pods,
          namespace,
          workload: workload.name,
          hosts,
          bypassed,
          beside,
          tunnels,
          observed,
          secret,
        };
        workloads[key] = new Workload(`${name}-${key}`, workloadArgs, child);
      }
      for (const outside of stack.outside.filter((candidate) => candidate.namespace === namespaceName)) {
        const { name: service, addresses, ports, via, clientMtls, clients } = outside;
        const outsideArgs = { namespace, service, addresses, ports, via, clientMtls, clients };
        new OutsideService(`${name}-${namespaceName}/${service}`, outsideArgs, child);
      }
    }

    if (stack.roles !== undefined) {
      const dependsOn = [
        egress.namespaceResource,
        ...Object.values(guarded).flatMap((each) => each.namespaceResources),
      ];
      new EgressRoles(`${name}-roles`, stack.roles, { ...child, dependsOn });
    }

    for (const { name: destination, gateway, ports, ...own } of stack.destinations) {
      const clientNamespaces = Object.values(guarded).filter(({ namespaceName }) =>
        own.clients.some(({ namespace }) => namespace === namespaceName),
      );
      const destinationArgs = {
        ...own,
        gateway: gateways[gateway.name]!,
        destination,
        ports: ports?.map(portText),
        clientNamespaces,
      };
      new EgressDestination(`${name}-${destination}`, destinationArgs, child);
    }

    this.gke = gke;
    this.namespaces = guarded;
    this.gateways = gateways;
    this.gatewayNamespace = egress.namespace;
    this.identities = pulumi.output(mapValues(workloads, (workload) => workload.identity));
    this.grants = pulumi.output(mapValues(workloads, (workload) => workload.hosts));
    this.restarts = pulumi.output(
      Object.fromEntries(adoptions(config).map(({ namespace, restart }) => [namespace, restart])),
    );
    this.registerOutputs({
      gatewayNamespace: this.gatewayNamespace,
      identities: this.identities,
      grants: this.grants,
    });
  }
}

/** What its namespace says of itself is not said again. */
function resolverOf({ namespace: _, askers: __, ...own }: ResolverArgs): Omit<ResolverArgs, "namespace" | "askers"> {
  return own;
}

/**
 * The arguments of every component, of a configuration all of which can be planned: that is seen before any of it is made.
 * `parseConfig` lets nothing else pass; a program may have its configuration from elsewhere.
 *
 * @throws ArgumentError
 */
function soundArgs(config: StackConfig): StackArgs {
  const args = stackArgs(config);
  try {
    planOf(args);
    return args;
  } catch (error) {
    if (!(error instanceof ArgumentError)) {
      throw error;
    }
    const { of, problems } = error;
    throw new ArgumentError(
      of,
      problems.map(({ argument, problem }) => ({ argument: "config", problem: `${of}, ${argument}: ${problem}` })),
    );
  }
}

interface Cluster {
  gke?: GkeCluster;
  /**
   * A provider for the cluster, after the cluster itself where that is the stack's to make. What is there already and is
   * not the stack's ends in an error, whatever the environment says, unless the provider is to take it over. Undefined
   * where the caller has given one for a cluster that exists.
   */
  provider?: (name: string, takeOver?: boolean) => Provider;
}

function clusterOf(platform: Platform, name: string, config: StackConfig): Cluster {
  const { cluster } = config;
  const opts = { parent: platform };
  if (cluster.kind === "gke") {
    const managedMesh = config.mesh.kind === "cloud-service-mesh";
    const use = {
      externalPorts: grantedExternalPorts(config),
      servicesBeside: servicesBeside(config),
      privateDestinations: privateDestinations(config),
      addressDestinations: addressDestinations(config),
      managedMesh,
    };
    const { GkeCluster } = loadGke();
    const gke = new GkeCluster(`${name}-gke`, { gke: cluster, ...use }, opts);
    return { gke, provider: (providerName, takeOver) => gke.provider(providerName, opts, takeOver) };
  }
  if (givenProvider(platform, "kubernetes") !== undefined) {
    return {};
  }
  // Without a kubeconfig here or there, the provider looks for the ambient one.
  const { kubeconfig, context } = cluster;
  const own = { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) };
  return {
    provider: (providerName, takeOver = false) =>
      new Provider(providerName, { ...defaultSettings("kubernetes"), ...own, upsertExistingObjects: takeOver }, opts),
  };
}

function mapValues<T, U>(items: Record<string, T>, change: (item: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(items).map(([key, item]) => [key, change(item)]));
}
