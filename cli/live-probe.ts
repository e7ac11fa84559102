import { classify, ClusterConfig, Observation, Verdict } from "../model";
import { ClusterError, kubectl } from "./kubectl";
import { callsAtOnce, callTimeout, noCurl, parseReplies, probeLine, probeScript } from "./probe-script";

/** How long the API server may take to answer. Seconds. */
const apiTimeout = 30;

/**
 * Makes the calls of one workload from inside one of its pods, all with a single `kubectl exec`.
 *
 * @returns what each call showed, in the order of the calls
 * @throws ClusterError when the cluster cannot be asked at all
 */
export async function observe(cluster: ClusterConfig, from: string, calls: Verdict[]): Promise<Observation[]> {
  const [namespace, workload] = from.split("/") as [string, string];
  const pod = await readyPod(cluster, namespace, workload);
  if (pod === undefined) {
    return calls.map(() => ({ seen: "no ready pod", shows: "unclear" }));
  }
  const { exitCode, stdout, stderr } = await kubectl(
    cluster,
    ["exec", "--stdin", "--namespace", namespace, pod, "--container", workload, "--", "sh", "-c", probeScript],
    {
      input: calls.map(probeLine).join(""),
      timeout: apiTimeout + callTimeout * Math.ceil(calls.length / callsAtOnce),
    },
  );
  if (stdout.trim() === noCurl || /executable file not found/.test(stderr)) {
    return calls.map(() => ({ seen: "no curl in the container", shows: "unclear" }));
  }
  if (exitCode !== 0) {
    throw new ClusterError(`kubectl cannot run commands in pod ${namespace}/${pod}: ${lastLine(stderr)}`);
  }
  const replies = parseReplies(stdout);
  return calls.map((call) => {
    const reply = replies.get(call.url);
    return reply === undefined ? { seen: "no reply", shows: "unclear" } : classify(call, reply);
  });
}

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  status?: { conditions?: { type: string; status: string }[] };
}

async function readyPod(cluster: ClusterConfig, namespace: string, workload: string): Promise<string | undefined> {
  const args = ["get", "pods", "--namespace", namespace, "--selector", `app=${workload}`, "--output", "json"];
  const { exitCode, stdout, stderr } = await kubectl(cluster, args, { timeout: apiTimeout });
  if (exitCode !== 0) {
    throw new ClusterError(`kubectl cannot list the pods of ${namespace}/${workload}: ${lastLine(stderr)}`);
  }
  const pods = (JSON.parse(stdout) as { items: Pod[] }).items;
  return pods.find(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True"),
  )?.metadata.name;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
