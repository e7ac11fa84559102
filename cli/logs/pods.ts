import { StackConfig } from "../../model";
import { GatewayPod } from "../../model/access-log";
import { compareText } from "../../model/ground/order";
import { gatewaysOf } from "../../model/config/gateway-of";
import { ClusterError, kubectlOutput } from "../kubectl";

interface PodList {
  items: { metadata: { name: string; labels: Record<string, string> }; status?: { phase?: string } }[];
}

/**
 * The running pods of all of a stack's gateways, sorted by name. Of those that still start, and of what is left of
 * evicted ones, there may be no log to read.
 *
 * @throws ClusterError when the cluster cannot be asked
 */
export async function gatewayPods(config: StackConfig, signal?: AbortSignal): Promise<GatewayPod[]> {
  const { namespace } = config.gateway;
  const selector = `istio in (${gatewayNames(config).join(", ")})`;
  const args = ["get", "pods", "--namespace", namespace, "--selector", selector, "--output", "json"];
  const listed = await kubectlOutput(config.cluster, `list the gateways' pods in ${namespace}`, args, signal);
  return (JSON.parse(listed) as PodList).items
    .filter(({ status }) => status?.phase === "Running")
    .map(({ metadata }) => ({ gateway: metadata.labels.istio!, pod: metadata.name }))
    .sort((a, b) => compareText(a.pod, b.pod));
}

/** As `gatewayPods`, for who cannot go on without any. */
export async function requireGatewayPods(config: StackConfig, signal?: AbortSignal): Promise<GatewayPod[]> {
  const pods = await gatewayPods(config, signal);
  if (pods.length === 0) {
    throw new ClusterError(
      `There is no gateway to ask: ${config.gateway.namespace} has no running pod of ${gatewayNames(config).join(" or ")}.`,
    );
  }
  return pods;
}

function gatewayNames(config: StackConfig): string[] {
  return gatewaysOf(config).map(({ name }) => name);
}
