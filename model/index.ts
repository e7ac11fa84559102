/**
 * The model: what a stack's configuration means, as plain data. It knows nothing of Pulumi, of a cluster or of files.
 *
 *   parseConfig(given: Record<string, unknown>, options: ParseOptions): StackConfig
 *     `given` maps the keys without their `istio-egress:` prefix to parsed values: { namespaces: {…}, allow: […], … };
 *     `encrypted` names those keys of it that the stack file encrypts. Throws ConfigError.
 *     ConfigError.message is the whole text for the user; ConfigError.problems are its parts.
 *
 *   withBase(stack, readFile): Record<string, unknown>         a stack's keys over those of the base that it extends;
 *     what parseConfig is given. Throws ConfigError.
 *
 *   stackArgs(config: StackConfig): StackArgs                  the arguments of every component of the stack
 *
 *   planMesh(args: MeshArgs): Plan["mesh"]                     { namespace, base, istiod, policies }
 *   planEgressNamespace(args: EgressNamespaceArgs): Manifest[]
 *   planGateway(args: GatewayArgs): Manifest[]
 *   planNamespace(args: NamespaceArgs): Manifest[]
 *   planWorkload(args: WorkloadArgs): Manifest[]
 *   planDestination(args: DestinationArgs): Manifest[]
 *   planOutside(args: OutsideArgs): Manifest[]
 *   planAdmission(args: AdmissionArgs): Manifest[]
 *   planRoles(args: RolesArgs): Manifest[]
 *   planMetrics(args: MetricsArgs): Manifest[]
 *     Each is pure, and sorts its manifests by manifestKey.
 *
 *   planGke(gke: GkeConfig, use: GkeUse): GkePlan              what a stack makes in Google Cloud, as its resources' arguments
 *   relaxationWarnings(gke: GkeConfig): string[]               what its configuration opens of the hardening
 *
 *   planOf(args: StackArgs): Plan                              all of them, from these arguments
 *   planStack(config: StackConfig): Plan                       the same, over stackArgs(config)
 *   verdicts(config: StackConfig): Verdict[]                   workload × host × scheme: allowed or denied, by which rule
 */
export { withBase } from "./config/base";
export { expiryProblems, expiryWarnings } from "./config/expired";
export { parseConfig, ParseOptions } from "./config/parse";
export { ConfigError, ConfigProblem } from "./config/problem";
export { configKeys, SecretKey, secretKeys } from "./config/schema";
export { wildcardWarnings } from "./config/sections/wildcards";
export type * from "./config/traits";
export { googleApiWarnings } from "./config/google-apis";
export { pastOriginationWarnings } from "./config/past-origination";
export { unreachableHosts } from "./config/unreachable-hosts";
export { neededAnnotations } from "./grants";
export { GkeConfig, GkeUse, ServiceBeside } from "./ground/gke/config";
export { clusterPath, gcloudContext, workloadPool } from "./ground/gke/names";
export {
  GkePlan,
  planGke,
  grantedExternalPorts,
  /** @deprecated The earlier name. */
  grantedExternalPorts as portsOutside,
  privateDestinations,
  addressDestinations,
  servicesBeside,
} from "./gke/plan";
export { relaxationWarnings } from "./ground/gke/relaxations";
export * from "./config/types";
export { DatedRule } from "./config/expired";
export { checkPort, portText } from "./ground/ports";
export { newestPresets, Preset, presetNamed } from "./ground/presets";
export { Manifest, manifestKey } from "./ground/manifest";
export { Ingress, IngressSource } from "./ground/ingress";
export { Who } from "./ground/rbac";
export { PodPatch } from "./ground/pods/template";
export * from "./plan/args";
export { ArgumentError, ArgumentProblem } from "./plan/check";
export { planAdmission } from "./plan/admission";
export { planRoles } from "./plan/rbac";
export { planMetrics } from "./plan/metrics";
export { planResolver } from "./plan/resolver";
export { planDestination } from "./plan/destination";
export { planGateway } from "./plan/gateway";
export { planMesh } from "./plan/mesh";
export { planEgressNamespace } from "./plan/egress-namespace";
export { forwardingOf, mostListedHosts } from "./ground/forwarding";
export { meshTraits } from "./config/mesh-traits";
export { gatewayName, spiffeId } from "./ground/names";
export { isWalled, planNamespace } from "./plan/namespace";
export { outsideHost, planOutside, planWaysBeside } from "./plan/outside";
export { planOf, planStack, stackArgs } from "./plan/stack";
export * from "./plan/types";
export { planWorkload } from "./plan/workload";
export { Adoption, adoptions } from "./config/adoption";
export * from "./verdict";
export * from "./observation";
