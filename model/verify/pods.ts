import { createHash } from "node:crypto";
import { StackConfig, WorkloadConfig } from "../config/types";
import { grantsOf, isTunnelled } from "../grants";
import { podDns } from "../ground/dns";
import { Manifest } from "../ground/manifest";
import { workloadKey } from "../ground/names";
import { proxyConfigAnnotation, withDnsCapture } from "../ground/pods/proxy-config";
import { By } from "./types";

/** The label by which everything of one run is found; its value is the run's word. */
export const verifyLabel = "istio-egress/verify";

/** Name of the container that probes are made from. */
export const verifyContainer = "verify";

/** After how long a run's pods end by themselves, whatever became of who made them. Seconds. */
export const deadline = 600;

/** How long what has ended stays. Seconds. */
const kept = 60;

/** A condition that nobody ever sets: so no Service sends the workload's own calls to such a pod. */
const neverReady = "istio-egress/never-ready";

export interface Run {
  /** Tells one run from another. */
  word: string;
  /** Image with a shell and curl. */
  image: string;
}

/**
 * A Job with one pod as the workload's own to the mesh: its labels, and its ServiceAccount unless it is an impostor's. It has
 * nothing else of the workload's: no image, no volume, no variable, and no token of the API server's. A Job, as it is
 * removed by the cluster itself where nobody else does, and as no other controller takes in a pod that has one.
 */
export function verifyJob(config: StackConfig, workload: WorkloadConfig, by: By, { word, image }: Run): Manifest {
  const { namespace, selector } = workload;
  const labels = { "app.kubernetes.io/managed-by": "egress-verify", [verifyLabel]: word };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: jobName(workload, by, word), namespace, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: deadline,
      ttlSecondsAfterFinished: kept,
      template: {
        metadata: { labels: { ...labels, ...selector }, ...annotationsOf(config, workload) },
        spec: {
          restartPolicy: "Never",
          serviceAccountName: by === "workload" ? workload.serviceAccount : "default",
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 1,
          readinessGates: [{ conditionType: neverReady }],
          securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
          ...namesOf(config, workload),
          containers: [
            {
              name: verifyContainer,
              image,
              imagePullPolicy: "IfNotPresent",
              command: ["sleep", `${deadline}`],
              resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
            },
          ],
        },
      },
    },
  };
}

/** Short enough for a name, and another one for each workload. */
function jobName(workload: WorkloadConfig, by: By, word: string): string {
  const digest = createHash("sha256")
    .update(`${workloadKey(workload)} ${by}`)
    .digest("hex")
    .slice(0, 6);
  return `egress-verify-${word}-${digest}`;
}

function annotationsOf(config: StackConfig, workload: WorkloadConfig): { annotations?: Record<string, string> } {
  const tunnels = grantsOf(config).reach(workloadKey(workload)).some(isTunnelled);
  return tunnels ? { annotations: { [proxyConfigAnnotation]: withDnsCapture(undefined) } } : {};
}

function namesOf(config: StackConfig, workload: WorkloadConfig): object {
  const { resolving } = grantsOf(config);
  return resolving?.has(workloadKey(workload)) ? podDns(workload.namespace, resolving.address) : {};
}
