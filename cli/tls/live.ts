import { ClusterConfig, StackConfig, WorkloadConfig } from "../../model";
import { grantsOf } from "../../model/grants";
import { proxyContainer } from "../../model/ground/names";
import { PeerAuthentication, serverSide, statusOf, TlsRow } from "../../model/tls";
import { kubectlOutput } from "../kubectl";
import { readyPod } from "../ready-pod";
import { callsOf, ConfigDump } from "./config-dump";
import { Seen } from "./row";

/**
 * What the running mesh has for each row: what is asked of callers, by the PeerAuthentications on the cluster; and what
 * is spoken, by the configuration of one caller's sidecar.
 *
 * @throws ClusterError when the cluster cannot be asked
 */
export async function lookUp(config: StackConfig, rows: TlsRow[]): Promise<Seen[]> {
  const { cluster } = config;
  const { workloads } = grantsOf(config);
  const policies = await peerAuthentications(cluster);
  const dumps = new Map<string, ConfigDump | undefined>();
  const seen: Seen[] = [];
  for (const row of rows) {
    // Who has answered before is not asked again.
    const inTurn = [...row.callers].sort((a, b) => Number(dumps.has(b)) - Number(dumps.has(a)));
    for (const from of inTurn) {
      if (!dumps.has(from)) {
        dumps.set(from, await configDump(cluster, workloads.get(from)!));
      }
      if (dumps.get(from) !== undefined) {
        break;
      }
    }
    const from = inTurn.find((caller) => dumps.get(caller) !== undefined);
    seen.push(seenOf(row, policies, from === undefined ? undefined : { from, dump: dumps.get(from)! }));
  }
  return seen;
}

function seenOf(row: TlsRow, policies: PeerAuthentication[], answer?: { from: string; dump: ConfigDump }): Seen {
  const nothing = { server: null, authnPolicy: null };
  const server = row.behind === undefined ? nothing : serverSide(policies, row.behind);
  const calls = answer === undefined ? undefined : callsOf(answer.dump, row);
  return {
    ...server,
    client: calls?.client ?? null,
    destinationRule: calls?.destinationRule ?? null,
    status: statusOf(server.server, calls?.client ?? null),
    from: answer?.from ?? null,
    known: calls !== undefined,
    ...(calls?.unclear === undefined ? {} : { unclear: calls.unclear }),
  };
}

async function peerAuthentications(cluster: ClusterConfig): Promise<PeerAuthentication[]> {
  const args = ["get", "peerauthentications.security.istio.io", "--all-namespaces", "--output", "json"];
  const listed = await kubectlOutput(cluster, "list the PeerAuthentications", args);
  return (JSON.parse(listed) as { items: PeerAuthentication[] }).items;
}

/** The configuration of a workload's sidecar, with its endpoints; undefined when no pod is ready. */
async function configDump(cluster: ClusterConfig, workload: WorkloadConfig): Promise<ConfigDump | undefined> {
  const { namespace } = workload;
  const pod = await readyPod(cluster, workload);
  if (pod === undefined) {
    return undefined;
  }
  // Of the clusters and endpoints only those of calls out of the pod.
  const path = "config_dump?include_eds&name_regex=outbound.*";
  const command = ["pilot-agent", "request", "GET", path];
  const args = ["exec", "--namespace", namespace, pod, "--container", proxyContainer, "--", ...command];
  const dumped = await kubectlOutput(cluster, `read the sidecar's configuration in pod ${namespace}/${pod}`, args);
  return JSON.parse(dumped) as ConfigDump;
}
