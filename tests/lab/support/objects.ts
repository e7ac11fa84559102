import { createHash } from "node:crypto";
import { kubectl } from "./commands";

/** What a cluster does by itself, all the time. */
const restless = /^(events|leases|endpoints)\b/;

/** Annotations that controllers keep for themselves: who leads them, and how often a Deployment has changed. */
const notes = ["control-plane.alpha.kubernetes.io/leader", "deployment.kubernetes.io/revision"];

interface Listed {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: object; annotations?: object };
}

/**
 * Every object on the cluster, of every kind that can be listed, as `kind namespace/name` with a digest of all that
 * somebody has asked for; what the cluster itself notes on it (status, versions, times) is left out.
 */
export function clusterObjects(): string[] {
  const kinds = kubectl("api-resources", "--verbs=list", "--output=name")
    .split("\n")
    .filter((kind) => kind !== "" && !restless.test(kind));
  const { items } = JSON.parse(
    kubectl("get", kinds.join(","), "--all-namespaces", "--ignore-not-found", "--output=json") || '{"items": []}',
  ) as { items: Listed[] };
  return items.map(describe).sort();
}

function describe({ apiVersion, kind, metadata, ...rest }: Listed): string {
  const { name, namespace, labels, annotations } = metadata;
  const wanted = Object.entries(annotations ?? {}).filter(([key]) => !notes.includes(key));
  const asked = JSON.stringify({ ...rest, status: undefined, labels, annotations: wanted });
  const digest = createHash("sha256").update(asked).digest("hex").slice(0, 12);
  return `${kind}.${apiVersion} ${namespace === undefined ? "" : `${namespace}/`}${name} ${digest}`;
}

/** What is on one side only, as a diff shows it. */
export function difference(before: string[], after: string[]): string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((object) => !now.has(object)).map((object) => `- ${object}`),
    ...after.filter((object) => !old.has(object)).map((object) => `+ ${object}`),
  ];
}
