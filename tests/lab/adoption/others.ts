import assert from "node:assert/strict";
import * as path from "node:path";
import { adoptions } from "../../../model";
import { namespaceSchema } from "../../../model/config/schema";
import { inLab, kubectl, kubectlJson } from "../support/commands";
import { Caller } from "../support/requests";

const manifests = ["legacy-tools.yaml", "payments.yaml"].map((file) => path.join(__dirname, file));
const chart = path.join(__dirname, "receipts");
export const namespace = "payments";

/** What owns pods of the fixture; a Job is made when it is needed. */
export const owners = ["deployment/checkout", "statefulset/ledger", "daemonset/agent", "deployment/receipts"];

/** A pod of every owner to ask from, and each of the StatefulSet's members. */
export const callers: Caller[] = [
  { namespace, workload: "checkout", target: "deployment/checkout", container: "web" },
  { namespace, workload: "checkout", target: "deployment/checkout", container: "helper" },
  { namespace, workload: "ledger", target: "pod/ledger-0" },
  { namespace, workload: "ledger", target: "pod/ledger-1" },
  { namespace, workload: "agent", target: "daemonset/agent" },
  { namespace, workload: "receipts", target: "deployment/receipts" },
];

/** What every pod calls inside the cluster: a Service, Helm's, each member by its own name, and a namespace beside. */
export const inside = [
  "http://checkout/",
  "http://receipts/",
  "http://ledger-0.ledger:8080/",
  "http://ledger-1.ledger.payments.svc.cluster.local:8080/",
  "http://ticker.legacy-tools:8080/",
];

/** Puts what others run on the cluster, by their own tools, and waits until it runs. */
export function install(): void {
  for (const manifest of manifests) {
    kubectl("apply", "--filename", manifest);
  }
  helm("upgrade", "--install", "receipts", chart, "--wait", "--timeout=240s");
  settle();
}

/** Takes it away again. */
export function uninstall(): void {
  helm("uninstall", "receipts", "--ignore-not-found", "--wait");
  kubectl("delete", "namespace", namespace, "legacy-tools", "--ignore-not-found");
}

function helm(...args: string[]): void {
  const { exitCode, stdout, stderr } = inLab(["helm", ...args, `--namespace=${namespace}`]);
  assert.equal(exitCode, 0, stdout + stderr);
}

/** As their owners do it when they are told to, by the command that the stack tells them. */
export function restart(): void {
  const { ingress: _, ...settings } = namespaceSchema.parse({ existing: true });
  const { restart } = adoptions({ namespaces: [{ ...settings, name: namespace }] })[0]!;
  kubectl(...restart.split(" ").slice(1));
  settle();
}

function settle(): void {
  for (const owner of owners) {
    kubectl("rollout", "status", owner, `--namespace=${namespace}`, "--timeout=240s");
  }
  kubectl("rollout", "status", "deployment/ticker", "--namespace=legacy-tools", "--timeout=240s");
}

interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  spec: { containers: { name: string }[]; initContainers?: { name: string }[] };
}

function pods(): Pod[] {
  const { items } = kubectlJson<{ items: Pod[] }>("get", "pods", `--namespace=${namespace}`);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Which pods run, by name and uid. */
export function podUids(): string[] {
  return pods()
    .map(({ metadata }) => `${metadata.name} ${metadata.uid}`)
    .sort();
}

/** Names of the pods that have a sidecar. */
export function injected(): string[] {
  return pods()
    .filter(({ spec }) =>
      [...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === "istio-proxy"),
    )
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** Runs a Job from the CronJob to its end. @returns by URL, the status of each of its calls; 000 where none came */
export function nightly(name: string): Record<string, string> {
  kubectl("create", "job", name, "--from=cronjob/nightly", `--namespace=${namespace}`);
  kubectl("wait", `job/${name}`, "--for=condition=Complete", "--timeout=240s", `--namespace=${namespace}`);
  const log = kubectl("logs", `job/${name}`, "--container=nightly", `--namespace=${namespace}`);
  kubectl("delete", "job", name, "--cascade=foreground", `--namespace=${namespace}`);
  return Object.fromEntries(
    log
      .trim()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
}
