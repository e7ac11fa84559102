import { AdmissionConfig } from "../../config/types";
import { AdmissionRule, isOfRegistry, plainProxyConfig, PodRule } from "../../ground/admission";
import { Fields, fieldsOf, listOf } from "../../ground/objects";
import { guardProblems, PodProblem } from "../../ground/pods/guard";
import { proxyVolumes } from "../../ground/pods/lists";
import { proxyConfigAnnotation } from "../../ground/pods/proxy-config";
import { groupedBy, sortedUnique } from "../../ground/order";
import {
  endpointsOfOthers,
  Granted,
  grantedIn,
  identitiesTaken,
  objectResources,
  ownerless,
  tokensOfOthers,
} from "./admission-objects";
import { isAlive, Pod } from "../pods";
import { Labels, LiveObject, named, Snapshot } from "../snapshot";
import { isPlanned, Subject, SubjectWorkload } from "../subject";
import { Check, Found } from "../types";

/** Kubernetes' own kinds that make pods, from a template. */
const makers = [
  "DaemonSet.apps",
  "Deployment.apps",
  "ReplicaSet.apps",
  "StatefulSet.apps",
  "CronJob.batch",
  "Job.batch",
  "ReplicationController",
];

/** Resources of what may be refused beside pods. */
const resources = [
  "daemonsets.apps",
  "deployments.apps",
  "replicasets.apps",
  "statefulsets.apps",
  "cronjobs.batch",
  "jobs.batch",
  "replicationcontrollers",
  "services",
  "ingresses.networking.k8s.io",
];

/**
 * What runs already and admission refuses, or would with `deny`: it goes on, and is not made anew. Of what makes pods
 * only the topmost is told, as its owner is who has to change it.
 */
export const admission: Check = {
  name: "admission",
  promise: "nothing that runs in a guarded namespace would be refused by admission when it is made anew",
  needs: ({ config, enforced }) =>
    config.admission.mode === "off"
      ? []
      : enforced.flatMap((namespace) =>
          ["pods", ...resources, ...objectResources].map((resource) => ({ resource, namespace })),
        ),
  run: (subject, snapshot) =>
    subject.config.admission.mode === "off"
      ? []
      : subject.enforced.flatMap((namespace) => [
          ...inNamespace(subject, snapshot, namespace),
          ...endpointsOfOthers(subject, snapshot, namespace),
          ...tokensOfOthers(subject, snapshot, namespace),
        ]),
};

function inNamespace(subject: Subject, snapshot: Snapshot, namespace: string): Found[] {
  const home: Home = {
    workloads: groupedBy(subject.workloadsIn.get(namespace) ?? [], ({ serviceAccount }) => serviceAccount),
    granted: grantedIn(subject, namespace),
    exemptions: subject.config.admission.exemptions.filter((exemption) => exemption.namespace === namespace),
  };
  return [...podsAndMakers(snapshot, namespace), ...others(snapshot, namespace)].flatMap((object) =>
    isPlanned(subject, object) ? [] : findings(subject, home, object),
  );
}

/** What of a stack is about one namespace: worked out once for all of its objects. */
interface Home {
  /** By their ServiceAccounts. */
  workloads: ReadonlyMap<string, SubjectWorkload[]>;
  granted: Granted;
  exemptions: AdmissionConfig["exemptions"];
}

/** Objects that nobody else has made: a pod by itself, or what makes pods. */
function podsAndMakers(snapshot: Snapshot, namespace: string): LiveObject[] {
  return [
    ...makers.flatMap((kind) => snapshot.of(kind, namespace)),
    ...snapshot.of<Pod>("Pod", namespace).filter(isAlive),
  ].filter(({ metadata }) => !metadata.ownerReferences?.some(({ controller }) => controller === true));
}

function others(snapshot: Snapshot, namespace: string): LiveObject[] {
  return ["Service", "Ingress.networking.k8s.io"].flatMap((kind) => snapshot.of(kind, namespace));
}

interface Refused {
  rule: AdmissionRule;
  /** Where, and what stands there. */
  what: string;
}

function findings(subject: Subject, { workloads, granted, exemptions }: Home, object: LiveObject): Found[] {
  const { admission } = subject.config;
  const template = templateOf(object);
  const account = template === undefined ? undefined : accountOf(template);
  const { namespace, name } = object.metadata;
  const workload = account === undefined ? undefined : workloads.get(account)?.[0];
  const taken =
    template === undefined ? [] : identitiesTaken({ labels: template.metadata.labels, account: account! }, granted);
  const refused =
    template === undefined ? ofObject(object) : ofTemplate(template, admission.registries, workload?.pastSidecar);
  const left = refused.filter(
    ({ rule }) =>
      !exemptions.some(
        (exemption) =>
          exemption.rule === rule &&
          (account === undefined
            ? exemption.object === `${object.kind}/${name}`
            : exemption.serviceAccount === account),
      ),
  );
  const identity = [
    ...impostor(subject, object, taken),
    ...(taken.length > 0 ? [] : ownerless(subject, object, granted.byAccount.get(account ?? "")?.[0])),
  ];
  if (left.length === 0) {
    return identity;
  }
  const rules = sortedUnique(left.map(({ rule }) => rule));
  const told = account === undefined ? `object: ${object.kind}/${name}` : `serviceAccount: ${account}`;
  return [
    {
      severity: "warning",
      object: named(object),
      problem:
        admission.mode === "deny"
          ? "It runs, and is refused by admission as soon as it is changed or made anew."
          : "It runs, and would be refused by admission with `mode: deny` as soon as it is changed or made anew.",
      evidence: left.slice(0, 8).map(({ rule, what }) => `${rule}: ${what}`),
      fix: "Have its owner change it; what it cannot do without is exempt by the stack, with an owner, a reason and a last day.",
      commands: [],
      config: `istio-egress:admission.exemptions[]: {rule: ${rules[0]}, namespace: ${namespace}, ${told}, owner: <who>, reason: <why>, expires: <day>}`,
    },
    ...identity,
  ];
}

/** What would run as another workload than it is: no exemption lets it pass. */
function impostor({ config }: Subject, object: LiveObject, taken: string[]): Found[] {
  return taken.length === 0
    ? []
    : [
        {
          severity: "warning",
          object: named(object),
          problem:
            `It runs, and ${config.admission.mode === "deny" ? "is" : "would be"} refused by admission${config.admission.mode === "deny" ? "" : " with `mode: deny`"} ` +
            "as soon as it is changed or made anew: hosts are granted to an identity with certain labels, and to nobody else.",
          evidence: taken.slice(0, 8).map((what) => `identity: ${what}`),
          fix: "Give it a ServiceAccount and labels of its own, or have the workload's selector take it in.",
          commands: [],
        },
      ];
}

interface Template {
  metadata: Fields;
  spec: Fields;
}

/** What pods are made from; of a pod, what is left of it without its injection. Undefined for what makes none. */
function templateOf(object: LiveObject): Template | undefined {
  const { kind, metadata } = object;
  const spec = fieldsOf((object as unknown as Fields).spec);
  if (kind === "Pod") {
    return withoutInjection({ metadata: { ...metadata }, spec });
  }
  const holder = kind === "CronJob" ? fieldsOf(fieldsOf(spec.jobTemplate).spec) : spec;
  if (holder.template === undefined) {
    return undefined;
  }
  const template = fieldsOf(holder.template);
  return { metadata: fieldsOf(template.metadata), spec: fieldsOf(template.spec) };
}

/** Annotations and labels that are written on a pod when it is made: by the injector, and by networks' own plugins. */
const addedLater = /^(sidecar\.istio\.io\/status|istio\.io\/rev|.*(cni\.cncf\.io|projectcalico\.org|ovn\.org)\/.*)$/;

function withoutInjection({ metadata, spec }: Template): Template {
  const without = (value: unknown) =>
    Object.fromEntries(Object.entries(fieldsOf(value)).filter(([key]) => !addedLater.test(key)));
  const own = (value: unknown) => listOf(value).filter((each) => !isInjectors(each));
  const { nodeName: _, ephemeralContainers, initContainers, containers, volumes, ...rest } = spec;
  return {
    metadata: { labels: without(metadata.labels), annotations: without(metadata.annotations) },
    spec: {
      ...rest,
      containers: [...own(containers), ...listOf(ephemeralContainers)],
      initContainers: own(initContainers),
      volumes: listOf(volumes).filter((volume) => !proxyVolumes.includes(nameOf(volume))),
    },
  };
}

/** Whether a container has one of the injector's names, and is started as it starts them. */
function isInjectors(container: unknown): boolean {
  const { args, command } = fieldsOf(container);
  const program = listOf(args)[0];
  return (
    command === undefined &&
    (nameOf(container) === "istio-proxy"
      ? program === "proxy"
      : /^istio-(init|validation)$/.test(nameOf(container)) && program === "istio-iptables")
  );
}

/** Labels and annotations that say what goes without saying. */
const saidAnyway: Labels = { "sidecar.istio.io/inject": "true", "security.istio.io/tlsMode": "istio" };

/**
 * What of a template the rules about pods refuse.
 *
 * @param registries those that images may be of; any where there are none
 * @param pastSidecar annotations that lead past the sidecar what its workload is granted so
 */
export function ofTemplate(template: Template, registries: string[] = [], pastSidecar: Labels = {}): Refused[] {
  const isFree = ([key, value]: [string, unknown]) =>
    saidAnyway[key] === value ||
    pastSidecar[key] === value ||
    (key === proxyConfigAnnotation && new RegExp(plainProxyConfig).test(String(value)));
  const [labels, annotations] = [template.metadata.labels, template.metadata.annotations].map((keys) =>
    Object.fromEntries(Object.entries(fieldsOf(keys)).filter((entry) => !isFree(entry))),
  );
  const held = { metadata: { ...template.metadata, labels, annotations }, spec: template.spec };
  const problems = guardProblems(held, { serviceAccount: accountOf(template), selector: {} });
  return [
    ...problems.flatMap((problem) => {
      const rule = ruleOf(problem);
      return rule === undefined ? [] : [{ rule, what: `${problem.path.join(".")}: ${problem.problem}` }];
    }),
    ...images(template.spec)
      .filter((image) => registries.length > 0 && !isOfRegistry(image, registries))
      .map((image) => ({ rule: "registries" as const, what: `image ${image}` })),
  ];
}

/** The rule that refuses what the guard has against a template; undefined for what only the stack's own may not have. */
function ruleOf({ path, value }: PodProblem): PodRule | undefined {
  const [part, field, index, key] = path.map(String);
  if (part === "metadata") {
    return field === "labels" ? (index === "istio" ? undefined : "labels") : "annotations";
  }
  switch (field) {
    case "hostNetwork":
    case "hostPID":
    case "hostIPC":
    case "shareProcessNamespace":
      return "host-namespaces";
    case "nodeName":
    case "tolerations":
      return "node";
    case "volumes":
      return key === "name" ? "sidecar" : "volumes";
    case "securityContext":
      return index === "sysctls" || index === "windowsOptions" ? "privileges" : "sidecar-user";
    case "containers":
    case "initContainers":
      return ofContainer(key, path.map(String), value);
    default:
      return undefined;
  }
}

function ofContainer(key: string | undefined, path: string[], value: unknown): PodRule | undefined {
  switch (key) {
    case "name":
      return typeof value === "string" ? "sidecar" : undefined;
    case "securityContext":
      // What the stack's own pods drop is theirs to drop.
      return path[4] === "capabilities" && path[5] !== "add"
        ? undefined
        : /^runAs(User|Group)$/.test(path[4] ?? "")
          ? "sidecar-user"
          : "privileges";
    case "ports":
      return path.at(-1) === "hostPort" ? "privileges" : undefined;
    case "livenessProbe":
    case "readinessProbe":
    case "startupProbe":
    case "lifecycle":
      return path.at(-1) === "host" ? "probes" : undefined;
    default:
      return undefined;
  }
}

/** What of another object is refused. */
function ofObject(object: LiveObject): Refused[] {
  if (object.kind === "Ingress") {
    return [{ rule: "ingresses", what: "data could be pulled out through it" }];
  }
  const { type = "ClusterIP", externalIPs } = fieldsOf((object as unknown as Fields).spec);
  const { labels = {}, annotations = {} } = object.metadata;
  const istios = [...Object.keys(labels), ...Object.keys(annotations)].filter((key) => /(^|\.)istio\.io\//.test(key));
  return [
    ...(type === "ClusterIP" ? [] : [`type ${String(type)}`]),
    ...(listOf(externalIPs).length === 0 ? [] : ["externalIPs"]),
    ...istios,
  ].map((what) => ({ rule: "services", what }));
}

function images(spec: Fields): string[] {
  return ["containers", "initContainers"].flatMap((list) =>
    listOf(spec[list]).flatMap((container) => {
      const { image } = fieldsOf(container);
      return typeof image === "string" ? [image] : [];
    }),
  );
}

function accountOf({ spec }: Template): string {
  return typeof spec.serviceAccountName === "string" && spec.serviceAccountName !== ""
    ? spec.serviceAccountName
    : "default";
}

function nameOf(value: unknown): string {
  return String(fieldsOf(value).name);
}
