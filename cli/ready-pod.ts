import { ClusterConfig, WorkloadConfig } from "../model";
import { isAlive, isReady, Pod } from "../model/doctor/pods";
import { kubectlOutput } from "./kubectl";

/**
 * The name of a workload's pod that is ready and stays; undefined when there is none.
 *
 * @throws ClusterError when the cluster cannot be asked
 */
export async function readyPod(
  cluster: ClusterConfig,
  { namespace, name, selector }: WorkloadConfig,
): Promise<string | undefined> {
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const args = ["get", "pods", "--namespace", namespace, "--selector", labels.join(","), "--output", "json"];
  const listed = await kubectlOutput(cluster, `list the pods of ${namespace}/${name}`, args);
  const pods = (JSON.parse(listed) as { items: Pod[] }).items;
  return pods.find((pod) => isAlive(pod) && isReady(pod))?.metadata.name;
}
