import { classify, ClusterConfig, Observation, probeUrl, Verdict, WorkloadConfig } from "../model";
import { apiTimeout, ClusterError, kubectl, lastLine } from "./kubectl";
import { callsAtOnce, callTimeout, couldNotCall, parseReplies, probeLine, probeScript } from "./probe-script";
import { readyPod } from "./ready-pod";

/**
 * Makes the calls of one workload from inside one of its pods, all with a single `kubectl exec`: in its own container,
 * or, of a workload that somebody else made, in the pod's default one.
 *
 * @returns what each call showed, in the order of the calls
 * @throws ClusterError when the cluster cannot be asked at all
 */
export async function observe(
  cluster: ClusterConfig,
  workload: WorkloadConfig,
  calls: Verdict[],
): Promise<Observation[]> {
  const { namespace, name, made } = workload;
  const pod = await readyPod(cluster, workload);
  if (pod === undefined) {
    return calls.map(() => ({ seen: "no ready pod", shows: "unclear" }));
  }
  const container = made === undefined ? [] : ["--container", name];
  const { exitCode, stdout, stderr } = await kubectl(
    cluster,
    ["exec", "--stdin", "--namespace", namespace, pod, ...container, "--", "sh", "-c", probeScript],
    {
      input: calls
        .filter(({ request }) => request !== null)
        .map(probeLine)
        .join(""),
      timeout: apiTimeout + callTimeout * Math.ceil(calls.length / callsAtOnce),
    },
  );
  if (couldNotCall({ stdout, stderr })) {
    return calls.map(() => ({ seen: "no curl in the container", shows: "unclear" }));
  }
  if (exitCode !== 0) {
    throw new ClusterError(`kubectl cannot run commands in pod ${namespace}/${pod}: ${lastLine(stderr)}`);
  }
  const replies = parseReplies(stdout);
  return calls.map((call) => {
    const reply = replies.get(probeUrl(call));
    if (call.request === null) {
      return {
        seen:
          call.protocol === "tcp"
            ? "not asked, as nothing is refused on this port before the caller speaks"
            : "not asked, as all that may pass changes something",
        shows: "nothing",
      };
    }
    return reply === undefined ? { seen: "no reply", shows: "unclear" } : classify(call, reply);
  });
}
