import { setTimeout as delay } from "node:timers/promises";
import { ClusterConfig, StackConfig } from "../../model";
import { isAlive, isReady, Pod, proxyOf, troubleOf } from "../../model/doctor/pods";
import { Manifest } from "../../model/ground/manifest";
import { proxyContainer } from "../../model/ground/names";
import { sortedUnique } from "../../model/ground/order";
import { verifyLabel } from "../../model/verify";
import { apiTimeout, ClusterError, kubectl, kubectlOutput, lastLine } from "../kubectl";

/** How long a pod may take until its containers run. Seconds. */
const startTimeout = 120;

type Listed = Pod & { status?: Started };

interface ContainerStatus {
  name: string;
  ready?: boolean;
  started?: boolean;
}

interface Started {
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
}

/** Pods of a namespace. @param selector labels that they have @default all of them */
export async function podsOf(cluster: ClusterConfig, namespace: string, selector = ""): Promise<Listed[]> {
  const args = ["get", "pods", "--namespace", namespace, "--selector", selector, "--output=json"];
  return (JSON.parse(await kubectlOutput(cluster, `list the pods of ${namespace}`, args)) as { items: Listed[] }).items;
}

/** The address of a pod of a gateway that is ready; undefined without any. */
export async function gatewayAddress({ cluster, gateway }: StackConfig, name: string): Promise<string | undefined> {
  const pods = await podsOf(cluster, gateway.namespace, `istio=${name}`);
  return pods.find((pod) => isAlive(pod) && isReady(pod))?.status?.podIP;
}

/**
 * The image of the proxies that run: it is on the nodes already, and no admission policy refuses it.
 *
 * @throws ClusterError where no pod has a proxy
 */
export async function proxyImage({ cluster, gateway, namespaces }: StackConfig): Promise<string> {
  for (const namespace of [gateway.namespace, ...namespaces.map(({ name }) => name)]) {
    const images = (await podsOf(cluster, namespace)).map((pod) => proxyOf(pod)?.image);
    const image = images.find((each) => each !== undefined);
    if (image !== undefined) {
      return image;
    }
  }
  throw new ClusterError(
    `No pod of ${gateway.namespace} or of a guarded namespace has a proxy, whose image the probes would run in: --image names one with a shell and curl.`,
  );
}

/** The address of the API server's Service. */
export async function apiAddress(cluster: ClusterConfig): Promise<string> {
  const args = ["get", "service", "kubernetes", "--namespace=default", "--output=jsonpath={.spec.clusterIP}"];
  return kubectlOutput(cluster, "read the API server's Service", args);
}

/** Whether an object was made, and what the API server said where it was not. */
export async function create(
  cluster: ClusterConfig,
  manifest: Manifest,
  options: string[] = [],
): Promise<{ made: boolean; said: string }> {
  const { exitCode, stderr } = await kubectl(cluster, ["create", "--filename=-", ...options], {
    input: JSON.stringify(manifest),
    timeout: apiTimeout,
  });
  return { made: exitCode === 0, said: lastLine(stderr) };
}

/** What became of a Job: its pod's name, or what admission has said against the pod. */
export type Job = { pod: string } | { refused: string };

/**
 * Waits until a Job's pod has its own container and its sidecar running.
 *
 * @throws ClusterError where it does not come, with what is known of why
 */
export async function started(cluster: ClusterConfig, job: Manifest, signal: AbortSignal): Promise<Job> {
  const { name, namespace } = job.metadata as { name: string; namespace: string };
  for (const end = Date.now() + startTimeout * 1000; ;) {
    signal.throwIfAborted();
    const [pod] = await podsOf(cluster, namespace, `job-name=${name}`);
    if (pod !== undefined && isRunning(pod)) {
      return { pod: pod.metadata.name };
    }
    const said = pod === undefined ? await lastWarning(cluster, namespace, name) : troubleOf(pod);
    if (said !== undefined && isDenial(said)) {
      return { refused: said };
    }
    if (Date.now() > end) {
      const why = said ?? `nothing says why within ${startTimeout} s`;
      throw new ClusterError(`The pod of Job ${namespace}/${name} does not run: ${why}`);
    }
    await delay(500, undefined, { signal });
  }
}

/** Whether the API server's words are those of an admission policy. */
export function isDenial(said: string): boolean {
  return /denied (the )?request/.test(said);
}

/** A pod without a sidecar runs, too: what it shows then is what its workload's pods would. */
function isRunning({ status }: Listed): boolean {
  const own: ContainerStatus[] = status?.containerStatuses ?? [];
  const first = (status?.initContainerStatuses ?? []).filter(({ name }) => name === proxyContainer);
  return own.length > 0 && own.every(({ ready }) => ready) && first.every(({ started, ready }) => started && ready);
}

async function lastWarning(cluster: ClusterConfig, namespace: string, job: string): Promise<string | undefined> {
  const field = `involvedObject.kind=Job,involvedObject.name=${job},type=Warning`;
  const args = ["get", "events", "--namespace", namespace, "--field-selector", field, "--output=json"];
  const { items } = JSON.parse(await kubectlOutput(cluster, "list events", args)) as { items: { message: string }[] };
  return items.at(-1)?.message;
}

/**
 * Removes everything of a run, and waits until it is gone.
 *
 * @returns what could not be removed, a sentence each
 */
export async function removeAll(cluster: ClusterConfig, jobs: readonly Manifest[], word: string): Promise<string[]> {
  const namespaces = sortedUnique(jobs.map(({ metadata }) => metadata.namespace!));
  const left: string[] = [];
  for (const namespace of namespaces) {
    // The pods' own time to end is a second, and a sidecar's may be more: they are only probes.
    const selector = `--selector=${verifyLabel}=${word}`;
    const all = ["--namespace", namespace, selector, "--ignore-not-found"];
    for (const args of [
      ["delete", "jobs", ...all, "--cascade=background"],
      ["delete", "pods", ...all, "--grace-period=1"],
    ]) {
      const { exitCode, stderr } = await kubectl(cluster, args, { timeout: 2 * apiTimeout });
      if (exitCode !== 0) {
        left.push(`${args[1]} of ${namespace} with ${verifyLabel}=${word}: ${lastLine(stderr)}`);
      }
    }
  }
  return left;
}
