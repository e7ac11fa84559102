import { StackConfig } from "../../model";
import { LogPlace } from "../../model/access-log";
import { sortedBy } from "../../model/ground/order";
import { gatewaysOf } from "../../model/config/gateway-of";
import { grantsOf } from "../../model/grants";
import { resolverName } from "../../model/ground/dns";
import { observerName } from "../../model/ground/names";
import { ClusterError, kubectlOutput } from "../kubectl";
import { inTurns } from "../turns";
import { podsAtOnce } from "./line";

interface PodList {
  items: {
    metadata: { name: string; labels: Record<string, string> };
    spec?: { serviceAccountName?: string };
    status?: { phase?: string; podIP?: string };
  }[];
}

/** Whose logs are read. */
export interface LogSources {
  /** Whether the sidecars of guarded pods are asked, beside the gateways. @default true */
  sidecars?: boolean;
  /** Whether the stack's resolver is asked for the names that it has refused, where it has one. @default false */
  names?: boolean;
}

/**
 * The running pods of all of a stack's gateways, and those of its guarded namespaces that have a sidecar, sorted by name.
 * Of those that still start, and of what is left of evicted ones, there may be no log to read.
 *
 * @throws ClusterError when the cluster cannot be asked
 */
export async function logPlaces(
  config: StackConfig,
  { sidecars = true, names = false }: LogSources = {},
  signal?: AbortSignal,
): Promise<LogPlace[]> {
  const guarded = sidecars ? config.namespaces.map(({ name }) => name) : [];
  const lists = [
    () => gatewayPods(config, signal),
    ...(names && grantsOf(config).resolving !== undefined ? [() => resolverPods(config, signal)] : []),
    ...guarded.map((namespace) => () => sidecarPods(config, namespace, signal)),
  ];
  const places = (await inTurns(lists, (list) => list(), { atOnce: podsAtOnce })).flat();
  return sortedBy(places, ({ namespace, pod }) => `${pod} ${namespace}`);
}

/** As `logPlaces`, for who cannot go on without any pod of a gateway. */
export async function requireLogPlaces(
  config: StackConfig,
  sources: LogSources,
  signal?: AbortSignal,
): Promise<LogPlace[]> {
  const places = await logPlaces(config, sources, signal);
  if (places.every(({ gateway }) => gateway === undefined)) {
    throw new ClusterError(
      `There is no gateway to ask: ${config.gateway.namespace} has no running pod of ${gatewayNames(config).join(" or ")}.`,
    );
  }
  return places;
}

async function gatewayPods(config: StackConfig, signal?: AbortSignal): Promise<LogPlace[]> {
  const { namespace } = config.gateway;
  // Whoever is observed no longer in the stack's file may be so on the cluster still.
  const selector = `istio in (${[...gatewayNames(config), observerName].join(", ")})`;
  const pods = await runningPods(config, { what: "the gateways' pods", namespace, selector }, signal);
  return pods.map(({ metadata }) => ({ gateway: metadata.labels.istio!, namespace, pod: metadata.name }));
}

/** The label is put on by the injector, so that istiod knows who speaks mutual TLS. */
async function sidecarPods(config: StackConfig, namespace: string, signal?: AbortSignal): Promise<LogPlace[]> {
  const selector = "security.istio.io/tlsMode=istio";
  const pods = await runningPods(config, { what: "the pods with a sidecar", namespace, selector }, signal);
  return pods.map(({ metadata }) => ({ namespace, pod: metadata.name }));
}

/** Who has had which address: pods that are gone are remembered, as long as no other one has theirs. */
const addresses = new WeakMap<StackConfig, Map<string, string>>();

/** The resolver's pods, which know callers by their addresses. */
async function resolverPods(config: StackConfig, signal?: AbortSignal): Promise<LogPlace[]> {
  const callers = addresses.get(config) ?? new Map<string, string>();
  addresses.set(config, callers);
  const names = new Map(config.workloads.map((each) => [`${each.namespace}/${each.serviceAccount}`, each.name]));
  const list = async ({ name: namespace }: { name: string }): Promise<void> => {
    for (const { metadata, spec, status } of await runningPods(config, { what: "the pods", namespace }, signal)) {
      const name = names.get(`${namespace}/${spec?.serviceAccountName}`) ?? metadata.name;
      callers.set(status?.podIP ?? "", `${namespace}/${name}`);
    }
  };
  await inTurns(config.namespaces, list, { atOnce: podsAtOnce });
  const { namespace } = config.gateway;
  const selector = `app=${resolverName}`;
  const pods = await runningPods(config, { what: "the resolver's pods", namespace, selector }, signal);
  return pods.map(({ metadata }) => ({ namespace, pod: metadata.name, callers }));
}

async function runningPods(
  config: StackConfig,
  { what, namespace, selector }: { what: string; namespace: string; selector?: string },
  signal?: AbortSignal,
): Promise<PodList["items"]> {
  const selected = selector === undefined ? [] : ["--selector", selector];
  const args = ["get", "pods", "--namespace", namespace, ...selected, "--output", "json"];
  const listed = await kubectlOutput(config.cluster, `list ${what} in ${namespace}`, args, signal);
  return (JSON.parse(listed) as PodList).items.filter(({ status }) => status?.phase === "Running");
}

function gatewayNames(config: StackConfig): string[] {
  return gatewaysOf(config).map(({ name }) => name);
}
