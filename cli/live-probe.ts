import { classify, ClusterConfig, Observation, Verdict } from "../model";
import { apiTimeout, ClusterError, kubectl, lastLine } from "./kubectl";
import { callsAtOnce, callTimeout, noCurl, parseReplies, probeLine, probeScript } from "./probe-script";
import { readyPod } from "./ready-pod";

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
