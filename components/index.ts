/**
 * Egress that holds, as Pulumi components.
 *
 * `Platform` makes a whole stack from one configuration. The others are its parts, for programs that put them
 * together themselves; `istio-egress/gke` has the one that makes a cluster on GKE.
 *
 * ```ts
 * const mesh = new Mesh("mesh", { version: "1.31.1", charts: "https://blob.istio.io/istio-release/charts" });
 * const egress = new EgressNamespace("egress", { mesh, guardedNamespaces: ["shop"] });
 * const gateway = new EgressGateway("gateway", { namespace: egress });
 * const shop = new InjectedNamespace("shop", { egress, namespace: "shop" });
 *
 * const stripe = new EgressDestination("stripe", { gateway, destination: "stripe", hosts: ["api.stripe.com"] });
 *
 * // A workload that is made here, and one that the program makes itself: any owner of pods, or a chart.
 * const cart = new Workload("cart", { namespace: shop, workload: "cart", image: "registry.example.com/cart:3" });
 * const clock = new EgressClient("clock", { namespace: shop, serviceAccount: "clock" });
 *
 * stripe.grant(cart, clock);
 * ```
 *
 * Structure is plain: names, hosts and whatever else tells which resources there are. Values may be Outputs: images,
 * variables, addresses, numbers of pods. What is plain is checked at once, an Output as soon as it is known, and one that
 * is secret stays so. Order needs no `dependsOn` of yours, but for pods of your own, which depend on their `EgressClient`.
 * Type tokens and names of children are API: a release that renames one carries an alias.
 *
 * What could mean another thing than it says is refused before anything is made: an empty list of clients or hosts, a
 * wildcard for a name. The `ArgumentError` names the component and every argument that is wrong, those that are missing
 * too. `docs/components.md` has providers, transforms and grants.
 */
export type {
  Client,
  Collector,
  CountedDestination,
  DatedRule,
  DestinationTraits,
  Duration,
  GatewayPlacement,
  GatewayNeeds,
  GatewayRef,
  GkeConfig,
  Guard,
  Ingress,
  IngressSource,
  KnownService,
  MeshTraits,
  MetricsArgs,
  NamespaceAsking,
  EndingAccess,
  OriginatedHosts,
  PrivateHosts,
  TimedHosts,
  ProxiedHosts,
  ProxyConfig,
  Origination,
  PodPatch,
  PortText,
  Protocol,
  ResolverArgs,
  RolesArgs,
  SecretKey,
  ServiceBeside,
  StackConfig,
  Timeouts,
  Who,
  Wildcard,
} from "../model";
export { ArgumentError, type ArgumentProblem } from "../model";
export { Admission, type AdmissionArgs } from "./admission";
export { EgressResolver, type EgressResolverArgs } from "./egress-resolver";
export { EgressMetrics, type EgressMetricsArgs } from "./egress-metrics";
export { EgressClient, type EgressClientArgs } from "./egress-client";
export { EgressDestination, type EgressDestinationArgs } from "./egress-destination";
export { EgressGateway, type EgressGatewayArgs } from "./egress-gateway";
export { EgressRoles, type EgressRolesArgs } from "./egress-roles";
export { EgressNamespace, type EgressNamespaceArgs } from "./egress-namespace";
export type { GkeCluster, GkeClusterArgs } from "./cluster/gke-cluster";
export { type Grantee, GrantError, type Reach, type WayBeside } from "./grants";
export { InjectedNamespace, type InjectedNamespaceArgs } from "./injected-namespace";
export { existingMesh, type JoinableMesh, Mesh, type MeshArgs } from "./mesh";
export { OutsideService, type OutsideServiceArgs } from "./outside-service";
export { Platform, type PlatformArgs } from "./platform";
export { readStackConfig } from "./stack-config";
export { Workload, type WorkloadArgs } from "./workload";
