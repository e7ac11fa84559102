import { proxyContainer } from "../ground/names";
import { keyOf, LiveObject, Snapshot } from "./snapshot";

export interface Container {
  name: string;
  image?: string;
  args?: string[];
  env?: { name: string; value?: string }[];
  restartPolicy?: string;
  ports?: { containerPort: number; protocol?: string }[];
}

export interface Pod extends LiveObject {
  spec: {
    serviceAccountName?: string;
    hostNetwork?: boolean;
    containers: Container[];
    initContainers?: Container[];
    dnsPolicy?: string;
    dnsConfig?: { nameservers?: string[] };
  };
  status?: {
    phase?: string;
    reason?: string;
    podIP?: string;
    podIPs?: { ip: string }[];
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: { name: string; state?: { waiting?: { reason?: string; message?: string } } }[];
  };
}

/** Whether a pod's processes run, or may yet: what has ended, or is told to end, is nobody's concern. */
export function isAlive({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/** The sidecar of a pod: a container of its own, or, where Kubernetes runs sidecars natively, an init container. */
export function proxyOf({ spec }: Pod): Container | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === proxyContainer);
}

/** The ServiceAccount that a pod runs under. */
export function accountOf({ spec }: Pod): string {
  return spec.serviceAccountName ?? "default";
}

/** Why a pod is not ready, in the cluster's own words; undefined when it does not say. */
export function troubleOf({ status }: Pod): string | undefined {
  const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting?.reason !== undefined);
  if (waiting !== undefined) {
    const { reason, message } = waiting.state!.waiting!;
    return `container ${waiting.name}: ${reason}${message === undefined ? "" : `: ${message}`}`;
  }
  const condition = status?.conditions?.find(({ status, message }) => status === "False" && message !== undefined);
  return condition === undefined ? undefined : `${condition.type}: ${condition.message}`;
}

/** The version that an image's tag names: `1.31.1` of `proxyv2:1.31.1-distroless`; undefined where it names none. */
export function versionOf(image: string | undefined): string | undefined {
  return /:v?(\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)[\w.]*)?)/.exec(image ?? "")?.[1];
}

/** Who makes pods, and the pods of theirs that are spoken of. */
export interface Owner {
  kind: string;
  namespace: string;
  name: string;
  pods: Pod[];
}

/** How to have an owner's pods made anew. */
export interface Restart {
  /** In words, without a full stop. */
  words: string;
  commands: string[];
}

/** Pods by whoever makes them, each owner once, in the order of the pods. */
export function ownersOf(pods: Pod[], snapshot: Snapshot): Owner[] {
  const owners = new Map<string, Owner>();
  for (const pod of pods) {
    const { apiVersion, kind, metadata } = topOwner(pod, snapshot);
    const key = keyOf({ apiVersion, kind, metadata });
    const owner = owners.get(key) ?? { kind, namespace: pod.metadata.namespace!, name: metadata.name, pods: [] };
    owner.pods.push(pod);
    owners.set(key, owner);
  }
  return [...owners.values()];
}

/** An owner as findings name it. */
export function ownerName({ kind, namespace, name }: Owner): string {
  return `${kind} ${namespace}/${name}`;
}

/** The owner that no other object owns: of a Deployment's pod not its ReplicaSet. What is not there is taken as named. */
function topOwner(object: LiveObject, snapshot: Snapshot): Pick<LiveObject, "apiVersion" | "kind" | "metadata"> {
  const reference = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (reference === undefined) {
    return object;
  }
  const { apiVersion, kind, name } = reference;
  const owner = { apiVersion, kind, metadata: { name, namespace: object.metadata.namespace } };
  const live = snapshot.counterpart(owner);
  return live === undefined ? owner : topOwner(live, snapshot);
}

export function restartOf(owner: Owner, now: string): Restart {
  const { kind, namespace, name, pods } = owner;
  const inNamespace = `--namespace ${namespace}`;
  switch (kind) {
    case "Deployment":
    case "StatefulSet":
    case "DaemonSet":
      return {
        words: "restart it",
        commands: [`kubectl rollout restart ${kind.toLowerCase()}/${name} ${inNamespace}`],
      };
    case "Rollout":
      return {
        words: "restart it; with Argo's plugin `kubectl argo rollouts restart` does the same",
        commands: [
          `kubectl patch rollouts.argoproj.io ${name} ${inNamespace} --type merge --patch '{"spec":{"restartAt":"${now}"}}'`,
        ],
      };
    case "CronJob":
      return {
        words: "its next run is made anew by itself; the one that runs now may end, or be deleted",
        commands: jobsOf(pods).map((job) => `kubectl delete job/${job} ${inNamespace}`),
      };
    case "Job":
      return {
        words:
          "a Job's pods are not made anew in place: let it end, or delete it and create it again from its own manifest",
        commands: [`kubectl delete job/${name} ${inNamespace}`],
      };
    case "ReplicaSet":
    case "ReplicationController":
      return {
        words: "delete its pods: it makes others",
        commands: [`kubectl delete ${pods.map((pod) => `pod/${pod.metadata.name}`).join(" ")} ${inNamespace}`],
      };
    case "Pod":
      return {
        words: "nobody makes it anew: delete it, and create it again from its own manifest",
        commands: [`kubectl delete pod/${name} ${inNamespace}`],
      };
    default:
      return { words: `restart its pods as a ${kind} is restarted`, commands: [] };
  }
}

function jobsOf(pods: Pod[]): string[] {
  const jobs = pods.flatMap(({ metadata }) => metadata.ownerReferences ?? []).filter(({ kind }) => kind === "Job");
  return [...new Set(jobs.map(({ name }) => name))];
}
