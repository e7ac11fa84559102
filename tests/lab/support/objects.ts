import { createHash } from "node:crypto";
import { kubectl } from "./commands";
import { until } from "./until";

/** What a cluster does by itself, all the time. */
const restless = /^(events|leases|endpoints)\b/;

/** Annotations that controllers keep for themselves: who leads them, and how often a Deployment has changed. */
const notes = [
  "control-plane.alpha.kubernetes.io/leader",
  "deployment.kubernetes.io/revision",
  "deprecated.daemonset.template.generation",
];

interface Listed {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: object; annotations?: object; ownerReferences?: object[] };
}

/**
 * Every object on the cluster, of every kind that can be listed, as `kind namespace/name` with a digest of all that
 * somebody has asked for; what the cluster itself notes on it (status, versions, times) is left out.
 */
export function clusterObjects(): string[] {
  return listed().map(describe).sort();
}

/** The same, once nothing changes any more that controllers do by themselves after a command has ended. */
export async function settledObjects(): Promise<string[]> {
  let [before, now]: string[][] = [[], clusterObjects()];
  await until("the cluster is at rest", 120, () => {
    [before, now] = [now!, clusterObjects()];
    return difference(before, now).length === 0;
  });
  return now!;
}

/**
 * The same without what controllers make of other objects and do themselves: pods, their sets, restarts; and without
 * Helm's history of the stack's own mesh.
 */
export function askedObjects(): string[] {
  return listed()
    .filter(({ metadata: { name, namespace, ownerReferences } }) => {
      const isHistory = namespace === "istio-system" && name.startsWith("sh.helm.release.v1.");
      return ownerReferences === undefined && !isHistory;
    })
    .map(describe)
    .sort();
}

function listed(): Listed[] {
  const kinds = kubectl("api-resources", "--verbs=list", "--output=name")
    .split("\n")
    .filter((kind) => kind !== "" && !restless.test(kind));
  const { items } = JSON.parse(
    kubectl("get", kinds.join(","), "--all-namespaces", "--ignore-not-found", "--output=json") || '{"items": []}',
  ) as { items: Listed[] };
  return items;
}

function describe({ apiVersion, kind, metadata, ...rest }: Listed): string {
  const { name, namespace, labels, annotations } = metadata;
  const wanted = Object.entries(annotations ?? {}).filter(([key]) => !notes.includes(key));
  const asked = JSON.stringify({ ...rest, status: undefined, labels, annotations: wanted }, withoutRestarts);
  const digest = createHash("sha256").update(asked).digest("hex").slice(0, 12);
  return `${kind}.${apiVersion} ${namespace === undefined ? "" : `${namespace}/`}${name} ${digest}`;
}

/** `kubectl rollout restart` leaves the time in the pod template's annotations, if need be in new ones. */
function withoutRestarts(key: string, value: unknown): unknown {
  if (key !== "annotations" || typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  const kept = Object.entries(value).filter(([name]) => name !== "kubectl.kubernetes.io/restartedAt");
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** What is on one side only, as a diff shows it. */
export function difference(before: string[], after: string[]): string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((object) => !now.has(object)).map((object) => `- ${object}`),
    ...after.filter((object) => !old.has(object)).map((object) => `+ ${object}`),
  ];
}
