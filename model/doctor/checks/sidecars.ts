import { controlPlanes } from "../control-planes";
import { grantsOf, isTunnelled } from "../../grants";
import { bypassAnnotation, dnsCapture, needsDnsCapture } from "../../ground/pods/proxy-config";
import { namespaceKey } from "../../ground/names";
import { labelsText } from "../labels";
import { isAlive, Owner, ownerName, ownersOf, Pod, proxyOf, restartOf, versionOf } from "../pods";
import { Labels, Snapshot } from "../snapshot";
import { Subject, SubjectWorkload } from "../subject";
import { Check, Found } from "../types";

/**
 * Annotations by which a pod's own rules lead its calls past its sidecar, and which of their values do so. With istio-cni
 * the injector writes the mesh's values of them, and of others, on every pod. They count when the pod starts.
 *
 * Source: Istio's documentation, "Resource Annotations", and the injection template in its chart istiod.
 */
const leadsPast: Record<string, (value: string) => boolean> = {
  [bypassAnnotation]: (value) => value !== "",
  "traffic.sidecar.istio.io/excludeOutboundPorts": (value) => value !== "",
  "traffic.sidecar.istio.io/excludeInterfaces": (value) => value !== "",
  "traffic.sidecar.istio.io/includeOutboundIPRanges": (value) => value !== "*",
  "sidecar.istio.io/interceptionMode": (value) => value === "NONE",
};

/** Init containers of the injector that lead traffic to the sidecar, or, with istio-cni, see that it is led there. */
const redirections = ["istio-init", "istio-validation"];

export const sidecars: Check = {
  name: "sidecars",
  promise: "every pod of a guarded namespace has the mesh's sidecar, as new as the rules, and no way past it",
  needs: ({ guarded, controlPlane }) => [
    ...guarded.flatMap((namespace) =>
      ["pods", "replicasets.apps", "jobs.batch"].map((resource) => ({ resource, namespace })),
    ),
    ...(controlPlane === undefined ? [] : [{ resource: "deployments.apps", namespace: controlPlane }]),
  ],
  run: (subject, snapshot) =>
    subject.guarded.flatMap((namespace) => {
      const owners = ownersOf(snapshot.of<Pod>("Pod", namespace).filter(isAlive), snapshot);
      return owners.flatMap((owner) => [
        ...onTheNode(owner, snapshot),
        ...without(owner, subject, snapshot),
        ...notRedirected(owner, snapshot),
        ...past(owner, subject, snapshot),
        ...withoutDns(owner, subject, snapshot),
        ...old(owner, snapshot),
      ]);
    }),
};

/** Some of an owner's pods, as a finding about the owner; nothing where there are none. */
function about(
  owner: Owner,
  snapshot: Snapshot,
  which: (pod: Pod) => boolean,
  say: (some: Owner) => Omit<Found, "object" | "commands"> & { commands?: string[] },
): Found[] {
  const pods = owner.pods.filter(which);
  if (pods.length === 0) {
    return [];
  }
  const some = { ...owner, pods };
  const { evidence, ...rest } = say(some);
  return [
    { object: ownerName(owner), commands: restartOf(some, snapshot.data.takenAt).commands, evidence, ...rest },
  ].map((found) => ({ ...found, evidence: [...found.evidence, `pods: ${podNames(pods)}`] }));
}

function podNames(pods: Pod[]): string {
  const shown = pods.slice(0, 5).map(({ metadata }) => metadata.name);
  return pods.length > shown.length ? `${shown.join(", ")} and ${pods.length - shown.length} more` : shown.join(", ");
}

function onTheNode(owner: Owner, snapshot: Snapshot): Found[] {
  return about(
    owner,
    snapshot,
    ({ spec }) => spec.hostNetwork === true,
    () => ({
      severity: "breaks-guard",
      problem: "Its pods are on the node's own network: they get no sidecar, and no NetworkPolicy holds them.",
      evidence: ["spec.hostNetwork: true"],
      fix: "Take hostNetwork out of its pods, or move it to a namespace that is not guarded.",
      commands: [],
    }),
  );
}

function without(owner: Owner, subject: Subject, snapshot: Snapshot): Found[] {
  const restart = restartOf(owner, snapshot.data.takenAt).words;
  const refuses = ({ metadata: { labels = {}, annotations = {} } }: Pod) =>
    [labels, annotations].some((given) => given["sidecar.istio.io/inject"] === "false");
  const enforced = subject.enforced.includes(owner.namespace);
  const consequence = enforced
    ? "only NetworkPolicies hold them, they have no identity, and reach nothing of the mesh"
    : "they have to be restarted before the namespace is enforced: they would reach nothing then";
  const severity = enforced ? "breaks-guard" : "warning";
  const waits =
    enforced && subject.existing.includes(owner.namespace)
      ? { config: `istio-egress:namespaces.${owner.namespace}.guard: inject, until all its pods have one` }
      : {};
  const missing = (pod: Pod) => proxyOf(pod) === undefined && pod.spec.hostNetwork !== true;
  return [
    ...about(
      owner,
      snapshot,
      (pod) => missing(pod) && refuses(pod),
      () => ({
        severity,
        problem: `Its pods refuse a sidecar: ${consequence}.`,
        evidence: ['sidecar.istio.io/inject: "false" on the pods'],
        fix: "Take `sidecar.istio.io/inject` out of its pods' labels and annotations, in the manifest or chart that it comes from.",
        commands: [],
      }),
    ),
    ...about(
      owner,
      snapshot,
      (pod) => missing(pod) && !refuses(pod),
      ({ pods }) => ({
        severity,
        problem: `Its pods have no sidecar: ${consequence}.`,
        evidence: [
          `no container istio-proxy; the oldest started ${oldest(pods)}${labelled(owner.namespace, snapshot)}`,
        ],
        fix: `So that injection gives them one, ${restart}. Where that changes nothing, the checks "injection" and "control-plane" say why.`,
        ...waits,
      }),
    ),
  ];
}

/** A sidecar that nothing is led to is none, and one that the injector did not make may be anything. */
function notRedirected(owner: Owner, snapshot: Snapshot): Found[] {
  const restart = restartOf(owner, snapshot.data.takenAt).words;
  const injected = ({ metadata }: Pod) => metadata.annotations?.["sidecar.istio.io/status"] !== undefined;
  const redirected = ({ spec }: Pod) => spec.initContainers?.some(({ name }) => redirections.includes(name)) ?? false;
  return [
    ...about(
      owner,
      snapshot,
      (pod) => proxyOf(pod) !== undefined && !injected(pod),
      () => ({
        severity: "breaks-guard",
        problem: "Its pods have a container istio-proxy that the injector did not make.",
        evidence: ["no annotation sidecar.istio.io/status"],
        fix: `Take the container out of its manifest, so that injection makes it; then ${restart}.`,
      }),
    ),
    ...about(
      owner,
      snapshot,
      (pod) => proxyOf(pod) !== undefined && injected(pod) && !redirected(pod),
      () => ({
        severity: "breaks-guard",
        problem: "Its pods have a sidecar, but nothing leads their traffic to it: only NetworkPolicies hold them.",
        evidence: [`no init container ${redirections.join(" or ")}`],
        fix: `Find out what took the injector's init container away (another webhook, a template of its own); then ${restart}.`,
      }),
    ),
  ];
}

function past(owner: Owner, subject: Subject, snapshot: Snapshot): Found[] {
  const restart = restartOf(owner, snapshot.data.takenAt).words;
  const ways = (pod: Pod) => {
    const wanted = wantedPast(pod, subject);
    const { annotations = {} } = pod.metadata;
    return Object.entries(leadsPast).map(([key, leads]) => {
      const given = annotations[key];
      return { key, given: given !== undefined && leads(given) ? listed(given) : [], wanted: listed(wanted[key]) };
    });
  };
  const opened = (pod: Pod) => ways(pod).filter(({ given, wanted }) => given.some((value) => !wanted.includes(value)));
  const closed = (pod: Pod) => ways(pod).filter(({ given, wanted }) => wanted.some((value) => !given.includes(value)));
  const describe = (different: ReturnType<typeof ways>) =>
    different.map(
      ({ key, given, wanted }) =>
        `${key}: ${given.join(",") || "absent"} on the pods, ${wanted.join(",") || "absent"} in the stack`,
    );
  return [
    ...about(
      owner,
      snapshot,
      (pod) => proxyOf(pod) !== undefined && opened(pod).length > 0,
      ({ pods }) => ({
        severity: "breaks-guard",
        problem:
          "Its pods lead some of their traffic past their sidecar, which the stack does not say: only NetworkPolicies hold that part.",
        evidence: describe(opened(pods[0]!)),
        fix: "Take the annotation out of its pods. Private addresses that a workload needs past its sidecar are a service under `istio-egress:outside` with `via: bypass`, and a rule.",
        commands: [],
        config: "istio-egress:outside.<name>: {namespace: <its namespace>, addresses: [<address>], via: bypass}",
      }),
    ),
    ...about(
      owner,
      snapshot,
      (pod) => proxyOf(pod) !== undefined && closed(pod).length > 0 && opened(pod).length === 0,
      ({ pods }) => ({
        severity: "breaks-workload",
        problem:
          "What is granted past the sidecar is led to it: its pods are older than the rules, or their template has not the annotation.",
        evidence: describe(closed(pods[0]!)),
        fix: `The annotation counts when a pod starts: see that its template has it, then ${restart}.`,
      }),
    ),
  ];
}

/** Sidecars that do not answer DNS, of pods that are granted other ports than 80 and 443. It counts from a pod's start. */
function withoutDns(owner: Owner, subject: Subject, snapshot: Snapshot): Found[] {
  const restart = restartOf(owner, snapshot.data.takenAt).words;
  const captures = (pod: Pod) =>
    proxyOf(pod)?.env?.some(({ name, value }) => name === dnsCapture && value === "true") ?? false;
  return about(
    owner,
    snapshot,
    (pod) => proxyOf(pod) !== undefined && isGrantedPorts(pod, subject) && !captures(pod),
    () => ({
      severity: "breaks-workload",
      problem:
        "Its sidecars do not answer DNS, and it is granted ports beside 80 and 443: hosts on one of these ports are " +
        "taken for one another.",
      evidence: [`istio-proxy has no ${dnsCapture}=true`],
      fix: `Its pods ${needsDnsCapture}. Once its pods' template has it, ${restart}.`,
    }),
  );
}

function isGrantedPorts(pod: Pod, subject: Subject): boolean {
  const { config } = subject;
  const namespace = pod.metadata.namespace!;
  const workload = workloadOf(pod, subject);
  return workload?.tunnels ?? grantsOf(config).of(namespaceKey(namespace)).some(isTunnelled);
}

/** What the stack has a pod's rules lead past its sidecar, by the workload that takes the pod in. */
function wantedPast(pod: Pod, subject: Subject): Labels {
  return workloadOf(pod, subject)?.pastSidecar ?? {};
}

/** The workload that takes a pod in. */
function workloadOf({ metadata }: Pod, { selecting }: Subject): SubjectWorkload | undefined {
  return selecting(metadata.namespace!, metadata.labels)[0];
}

function listed(text = ""): string[] {
  return text
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

/** Sidecars of an older control plane, or of another one than the namespace asks for now. */
function old(owner: Owner, snapshot: Snapshot): Found[] {
  const restart = restartOf(owner, snapshot.data.takenAt).words;
  const planes = controlPlanes(snapshot);
  const versions = planes.flatMap(({ version }) => (version === undefined ? [] : [version]));
  const revisions = new Set(planes.flatMap(({ revision, tags }) => [revision, ...tags]));
  const stale = (pod: Pod) => {
    const version = versionOf(proxyOf(pod)?.image);
    return version !== undefined && versions.length > 0 && !versions.includes(version);
  };
  const revisionOf = ({ metadata }: Pod) => metadata.annotations?.["istio.io/rev"];
  const orphaned = (pod: Pod) => {
    const revision = revisionOf(pod);
    return proxyOf(pod) !== undefined && revision !== undefined && planes.length > 0 && !revisions.has(revision);
  };
  return [
    ...about(
      owner,
      snapshot,
      (pod) => proxyOf(pod) !== undefined && orphaned(pod),
      ({ pods }) => ({
        severity: "breaks-workload",
        problem: "Its sidecars are of a revision that no control plane has any more: they learn no new rules.",
        evidence: [`istio.io/rev: ${revisionOf(pods[0]!)} on the pods; there are ${[...revisions].join(", ")}`],
        fix: `So that it gets sidecars of the revision that is there, ${restart}.`,
      }),
    ),
    ...about(
      owner,
      snapshot,
      (pod) => stale(pod) && !orphaned(pod),
      ({ pods }) => ({
        severity: "warning",
        problem: `Its sidecars are of Istio ${versionOf(proxyOf(pods[0]!)?.image)}, the control plane of ${versions.join(", ")}.`,
        evidence: [`image ${proxyOf(pods[0]!)?.image}`],
        fix: `So that it gets sidecars of today's version, ${restart}.`,
      }),
    ),
  ];
}

function oldest(pods: Pod[]): string {
  return pods.map(({ metadata }) => metadata.creationTimestamp ?? "").sort()[0]!;
}

/** When the namespace was last labelled, where the cluster tells: the last write of whoever set the label. */
function labelled(namespace: string, snapshot: Snapshot): string {
  const live = snapshot.namespace(namespace);
  const labels = live?.metadata.labels ?? {};
  const wanted = Object.fromEntries(
    Object.entries(labels).filter(([key]) => key === "istio-injection" || key === "istio.io/rev"),
  );
  const writer = live?.metadata.managedFields?.find(({ fieldsV1 }) =>
    Object.keys(wanted).some((key) => JSON.stringify(fieldsV1 ?? {}).includes(`"f:${key}"`)),
  );
  return writer?.time === undefined
    ? ""
    : `, the namespace has ${labelsText(wanted)} since ${writer.time} at the latest`;
}
