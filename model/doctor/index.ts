/**
 * What on a live cluster keeps a stack's guard from holding or a workload from working: findings from the stack's plan
 * and a snapshot of the cluster's objects. Pure: reading the cluster is the caller's, and nothing here changes one.
 */
import { groupedBy, sortedBy, sortedUnique } from "../ground/order";
import { checks } from "./checks";
import { otherPolicyResources } from "./checks/network-policies";
import { Snapshot } from "./snapshot";
import { Subject } from "./subject";
import { Check, Finding, Reading, Report, severities } from "./types";

export { withoutSecrets } from "./secrets";
export { type SnapshotData, Snapshot } from "./snapshot";
export { type Applied, appliedIn } from "./state";
export { plannedObjects, type Subject, subjectOf } from "./subject";
export { type Finding, type Reading, type Report, type Severity, severities } from "./types";

/** Resources that are read in one call. */
export interface Call {
  resources: string[];
  /** @default every namespace, and kinds that have none */
  namespace?: string;
  /** Keeps only objects with these labels, as `kubectl --selector` takes it. */
  selector?: string;
}

/** What checks ask of all namespaces, but of a few objects. */
const few: Record<string, string> = {
  "deployments.apps": "app=istiod",
  "daemonsets.apps": "k8s-app in (istio-cni-node, node-local-dns)",
};

/** What has to be read of a cluster for all checks, in as few calls as can be. */
export function readingsOf(subject: Subject): Call[] {
  const readings = checks.flatMap((check) => check.needs(subject));
  const everywhere = readings.filter(({ namespace }) => namespace === undefined);
  const inNamespaces = groupedBy(
    readings.filter(({ namespace }) => namespace !== undefined),
    ({ namespace }) => namespace!,
  );
  return [
    { resources: [...resourcesOf(everywhere.filter(({ resource }) => !(resource in few))), ...otherPolicyResources] },
    ...Object.entries(few)
      .filter(([few]) => everywhere.some(({ resource }) => resource === few))
      .map(([resource, selector]) => ({ resources: [resource], selector })),
    ...sortedBy(inNamespaces, ([namespace]) => namespace).map(([namespace, own]) => ({
      resources: resourcesOf(own),
      namespace,
    })),
  ];
}

function resourcesOf(readings: Reading[]): string[] {
  return sortedUnique(readings.map(({ resource }) => resource));
}

/** Everything that all checks find, and which of them found nothing or could not run. */
export function diagnose(subject: Subject, snapshot: Snapshot): Report {
  const refusedOf = (check: Check) => snapshot.refusals(check.needs(subject));
  const able = checks.filter((check) => refusedOf(check).length === 0);
  const unable = checks.filter((check) => refusedOf(check).length > 0);
  const found = able.map((check) => ({
    check,
    findings: check.run(subject, snapshot).map((finding): Finding => ({ check: check.name, ...finding })),
  }));
  const findings = [...found.flatMap(({ findings }) => findings), ...unreadable(unable, subject, snapshot)];
  return {
    findings: severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity)),
    passed: found
      .filter(({ findings }) => findings.length === 0)
      .map(({ check }) => ({ check: check.name, promise: check.promise })),
    notChecked: unable.map((check) => ({
      check: check.name,
      promise: check.promise,
      needs: refusedOf(check).map(readingText),
    })),
    information: [],
  };
}

/** What could not be read, each once, with the checks that did not run for it. */
function unreadable(unable: Check[], subject: Subject, snapshot: Snapshot): Finding[] {
  return snapshot.data.refused.flatMap((refused) => {
    const without = unable.filter((check) => snapshot.refusals(check.needs(subject)).includes(refused));
    return without.length === 0
      ? []
      : [
          {
            check: without.map(({ name }) => name).join(", "),
            severity: "unchecked" as const,
            object: readingText(refused),
            problem: `Cannot be checked: ${without.map(({ promise }) => promise).join("; ")}.`,
            evidence: [refused.reason],
            fix: `Whoever runs this needs get and list on ${readingText(refused)}.`,
            commands: [],
          },
        ];
  });
}

function readingText({ resource, namespace }: Reading): string {
  return namespace === undefined ? `${resource} in all namespaces` : `${resource} in namespace ${namespace}`;
}
