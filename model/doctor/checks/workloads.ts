import { haveLabels } from "../../ground/label-selector";
import { groupedBy } from "../../ground/order";
import { labelsText } from "../labels";
import { accountOf, isAlive, ownerName, ownersOf, Pod } from "../pods";
import { Labels, LiveObject, Snapshot } from "../snapshot";
import { Subject, SubjectWorkload } from "../subject";
import { Check, Found } from "../types";

/** Whether what the stack calls a workload is what runs: by its pods' labels, and by their ServiceAccount. */
export const workloads: Check = {
  name: "workloads",
  promise: "every workload's selector takes in the pods of its ServiceAccount, and no others",
  needs: ({ workloadsIn }) =>
    [...workloadsIn.keys()].flatMap((namespace) =>
      ["pods", "replicasets.apps", "jobs.batch", ...makers.map(({ resource }) => resource)].map((resource) => ({
        resource,
        namespace,
      })),
    ),
  run: (subject, snapshot) =>
    [...subject.workloadsIn].flatMap(([namespace, own]) => inNamespace(subject, own, snapshot, namespace)),
};

function inNamespace(
  { selecting }: Subject,
  own: readonly SubjectWorkload[],
  snapshot: Snapshot,
  namespace: string,
): Found[] {
  const all = snapshot.of<Pod>("Pod", namespace);
  const takenBy = (labels?: Labels) => selecting(namespace, labels);
  const taken = groupedBy(
    all.flatMap((pod) => takenBy(pod.metadata.labels).map(({ name }) => ({ name, pod }))),
    ({ name }) => name,
  );
  const byAccount = groupedBy(all.filter(isAlive), accountOf);
  const alike = groupedBy(own, ({ selector }) => labelsKey(selector));
  const made = groupedBy(makersIn(snapshot, namespace), ({ account = "" }) => account);
  return own.flatMap((workload) => {
    const pods = (taken.get(workload.name) ?? []).map(({ pod }) => pod);
    const accounts = alike.get(labelsKey(workload.selector))!.map(({ serviceAccount }) => serviceAccount);
    const underIt = byAccount.get(workload.serviceAccount) ?? [];
    return [
      // A Job's pods that have ended show as well as others that the selector is right.
      ...(pods.length > 0 ? [] : nothing(workload, underIt, made.get(workload.serviceAccount) ?? [])),
      ...strangers(
        workload,
        pods.filter((pod) => isAlive(pod) && !accounts.includes(accountOf(pod))),
        snapshot,
      ),
      ...unselected(
        workload,
        underIt.filter(({ metadata }) => takenBy(metadata.labels).length === 0),
        snapshot,
      ),
    ];
  });
}

interface Template {
  metadata?: { labels?: Labels };
  spec?: { serviceAccountName?: string };
}

/** What makes pods, by a template. */
interface Maker extends LiveObject {
  spec: { replicas?: number; template?: Template; jobTemplate?: { spec?: { template?: Template } } };
  status?: { desiredNumberScheduled?: number };
}

/** Kinds of makers, and how many pods one wants at any time. */
const makers: { kind: string; resource: string; wants: (maker: Maker) => number }[] = [
  { kind: "Deployment.apps", resource: "deployments.apps", wants: ({ spec }) => spec.replicas ?? 1 },
  { kind: "StatefulSet.apps", resource: "statefulsets.apps", wants: ({ spec }) => spec.replicas ?? 1 },
  { kind: "DaemonSet.apps", resource: "daemonsets.apps", wants: ({ status }) => status?.desiredNumberScheduled ?? 0 },
  { kind: "Rollout.argoproj.io", resource: "rollouts.argoproj.io", wants: ({ spec }) => spec.replicas ?? 1 },
  // Between its runs it has none.
  { kind: "CronJob.batch", resource: "cronjobs.batch", wants: () => 0 },
];

/**
 * A workload of which no pod is there: none has to be, where what makes its pods wants none now.
 *
 * @param ofAccount pods that run under its ServiceAccount
 * @param made what makes pods under it
 */
function nothing(workload: SubjectWorkload, ofAccount: Pod[], made: readonly Made[]): Found[] {
  const { namespace, name, selector, serviceAccount, existing, replicas } = workload;
  const own = made.filter(({ labels }) => haveLabels(labels, selector));
  const wanting = own.find(({ wants }) => wants > 0);
  const scaledDown = wanting === undefined && own.length > 0;
  if (replicas === 0 || (scaledDown && replicas === undefined)) {
    return [];
  }
  const labels = commonLabels(ofAccount);
  const [maker] = wanting === undefined ? own : [wanting];
  const makerName = maker === undefined ? undefined : `${maker.kind} ${namespace}/${maker.name}`;
  const resource = maker === undefined ? `deployment/${name}` : `${maker.kind.toLowerCase()}/${maker.name}`;
  return [
    {
      severity: scaledDown ? "warning" : "breaks-workload",
      object: `workload ${namespace}/${name}`,
      problem: `Its selector ${labelsText(selector)} takes in no pod: nobody has what it is granted.`,
      evidence: [
        ...(makerName === undefined
          ? []
          : [`${makerName} ${scaledDown ? "is scaled to 0" : "has these labels, and no pod"}`]),
        `pods that run under its ServiceAccount ${serviceAccount}: ${ofAccount.length}`,
        ...(ofAccount.length === 0 ? [] : [`these have ${labelsText(labels)}`]),
      ],
      ...(existing && maker === undefined
        ? {
            fix: "Write the labels that its pods have, and the ServiceAccount that they run under.",
            commands: [],
            config: existingKey(name, "selector", Object.keys(labels).length > 0 ? labels : { "<label>": "<value>" }),
          }
        : scaledDown
          ? {
              fix: "Scale it up again; or leave the number of its pods to others, or take the workload out of the stack.",
              commands: [`kubectl scale ${resource} --namespace ${namespace} --replicas ${replicas}`],
              config: `istio-egress:workloads.${name}.replicas: auto`,
            }
          : {
              fix: `See why ${makerName ?? "its Deployment"} makes no pods: its events say so.`,
              commands: [`kubectl describe ${resource} --namespace ${namespace}`],
            }),
    },
  ];
}

/** What makes pods of a workload's ServiceAccount, as much as says whether it makes the workload's. */
interface Made {
  account: string | undefined;
  labels: Labels | undefined;
  kind: string;
  name: string;
  wants: number;
}

function makersIn(snapshot: Snapshot, namespace: string): Made[] {
  return makers.flatMap(({ kind, wants }) =>
    snapshot.of<Maker>(kind, namespace).map((maker) => {
      const { template = maker.spec.jobTemplate?.spec?.template } = maker.spec;
      return {
        account: template?.spec?.serviceAccountName,
        labels: template?.metadata?.labels,
        kind: maker.kind,
        name: maker.metadata.name,
        wants: wants(maker),
      };
    }),
  );
}

function strangers(workload: SubjectWorkload, pods: Pod[], snapshot: Snapshot): Found[] {
  const { namespace, name, selector, serviceAccount, existing } = workload;
  return ownersOf(pods, snapshot).map((owner) => {
    const account = accountOf(owner.pods[0]!);
    return {
      severity: "breaks-workload",
      object: ownerName(owner),
      problem:
        `Its pods have the labels of the workload ${namespace}/${name} and run under another ServiceAccount: their ` +
        "sidecars know its hosts, and the gateway refuses them. What is granted by label, as a service beside the mesh, is open to them.",
      evidence: [`labels ${labelsText(selector)}, ServiceAccount ${account}, granted is ${serviceAccount}`],
      fix: existing
        ? `Give the pods the ServiceAccount ${serviceAccount}, or, where ${account} is the workload's, write that; or give them other labels.`
        : "Give the pods labels of their own, in the manifest or chart that they come from.",
      commands: [],
      ...(existing ? { config: existingKey(name, "serviceAccount", account) } : {}),
    };
  });
}

function unselected(workload: SubjectWorkload, pods: Pod[], snapshot: Snapshot): Found[] {
  const { namespace, name, selector, serviceAccount, existing } = workload;
  return ownersOf(pods, snapshot).map((owner) => ({
    severity: "breaks-workload",
    object: ownerName(owner),
    problem:
      `Its pods run under ${serviceAccount}, the ServiceAccount of the workload ${namespace}/${name}, and have other ` +
      "labels: the gateway would let them out, and their sidecars know no host.",
    evidence: [`labels ${labelsText(owner.pods[0]!.metadata.labels)}; the selector is ${labelsText(selector)}`],
    fix: existing
      ? "Give the pods the selector's labels, or write a selector that takes them in; a pod that is another workload needs a ServiceAccount of its own."
      : `A pod that is another workload needs a ServiceAccount of its own; one of ${name} needs its labels.`,
    commands: [],
    ...(existing ? { config: existingKey(name, "selector", commonLabels(pods)) } : {}),
  }));
}

function existingKey(name: string, key: string, value: unknown): string {
  return `istio-egress:workloads.${name}.existing.${key}: ${JSON.stringify(value)}`;
}

/** The same for the same labels in whatever order. */
function labelsKey(labels: object): string {
  return JSON.stringify(Object.entries(labels).sort());
}

/** Labels that all of some pods have with one value, without those that their controllers count by. */
function commonLabels(pods: Pod[]): Record<string, string> {
  const counting =
    /^(pod-template-hash|controller-revision-hash|statefulset\.kubernetes\.io\/|apps\.kubernetes\.io\/|batch\.kubernetes\.io\/|controller-uid$|job-name$|service\.istio\.io\/|security\.istio\.io\/)/;
  const [first, ...rest] = pods.map(({ metadata }) => metadata.labels ?? {});
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(
      ([key, value]) => !counting.test(key) && rest.every((labels) => labels[key] === value),
    ),
  );
}
