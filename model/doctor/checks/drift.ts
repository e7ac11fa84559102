import { isObject } from "../../ground/objects";
import { Manifest } from "../../ground/manifest";
import { Difference, differences, pathText } from "../compare";
import { fieldsOfOthers, isOurs, managerOf, words, writerOf } from "../managers";
import { governs, NetworkPolicy } from "../reach";
import { LiveObject, named, resourceOf, Snapshot } from "../snapshot";
import { isPlanned, Subject } from "../subject";
import { Check, Found, Severity } from "../types";

/** Kinds that say what is let through: a change of one is a change of the guard. */
const guards = /^(NetworkPolicy|ValidatingAdmissionPolicy(Binding)?)$/;

/** Labels of a namespace that have a check of their own. */
const checkedElsewhere = new Set(["istio-injection", "istio.io/rev", "pod-security.kubernetes.io/enforce"]);

/** Whether what is on the cluster is what the stack plans, field by field. What charts made is not compared. */
export const drift: Check = {
  name: "drift",
  promise: "every object of the stack is on the cluster as it is planned",
  needs: ({ planned }) => [
    { resource: "namespaces" },
    ...planned.map((object) => ({
      resource: resourceOf(object),
      ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
    })),
  ],
  run: (subject, snapshot) => {
    const { planned } = subject;
    const there = planned.filter((object) => snapshot.counterpart(object) !== undefined);
    if (there.every(({ kind }) => kind === "Namespace") && there.length < planned.length) {
      return [notApplied(subject, there)];
    }
    const drifted = planned.flatMap((object) => driftOf(object, subject, snapshot));
    const contested = drifted.some(({ byOthers }) => byOthers);
    return drifted.map(({ byOthers: _, ...found }) => ({ ...found, ...restore(subject, contested) }));
  },
};

/** A difference, before it is known how all of them are mended in one go. */
type Drifted = Omit<Found, "fix" | "commands"> & { byOthers: boolean };

function notApplied({ stack, planned }: Subject, there: Manifest[]): Found {
  return {
    severity: "breaks-workload",
    object: `stack ${stack}`,
    problem: "Nothing of the stack is on this cluster: it was never applied, or to another one.",
    evidence: [`${there.length} of ${planned.length} objects are there, namespaces only`],
    fix: "Apply it; where it has been, see that istio-egress:cluster names the right cluster.",
    commands: [`pulumi up --stack ${stack}`],
  };
}

function driftOf(object: Manifest, subject: Subject, snapshot: Snapshot): Drifted[] {
  const live = snapshot.counterpart(object);
  if (live !== undefined) {
    return changed(object, live, subject);
  }
  const { namespace } = object.metadata;
  const unable =
    !snapshot.serves(resourceOf(object), object.apiVersion) ||
    (namespace !== undefined && snapshot.namespace(namespace) === undefined);
  // A kind or a namespace that is not there is found by itself, and not again with each object.
  return unable ? [] : [missing(object, subject, snapshot)];
}

function missing(object: Manifest, subject: Subject, snapshot: Snapshot): Drifted {
  return {
    severity: severityOfLoss(object, subject, snapshot),
    object: named(object),
    problem:
      "It is planned, and not on the cluster: somebody deleted it, or the stack's file is newer than what is applied.",
    evidence: [`${object.apiVersion} ${named(object)}: not found`],
    byOthers: false,
  };
}

/** The walls of the guard: without them something is let through. What lets through is a loss to who is granted it. */
function severityOfLoss(object: Manifest, { policies }: Subject, snapshot: Snapshot): Severity {
  const { kind, metadata } = object;
  const isWall =
    (kind === "Sidecar" && (object.spec as { workloadSelector?: object }).workloadSelector === undefined) ||
    (kind === "AuthorizationPolicy" && (object.spec as { rules?: object[] }).rules === undefined) ||
    kind === "PeerAuthentication" ||
    /^ValidatingAdmissionPolicy/.test(kind);
  if (kind !== "NetworkPolicy") {
    return isWall ? "breaks-guard" : "breaks-workload";
  }
  // As long as one policy is left, a direction is shut but for what policies allow.
  const policy = object as unknown as NetworkPolicy;
  const left = policies.get(metadata.namespace!)!.filter((other) => snapshot.counterpart(other) !== undefined);
  const open = (["Egress", "Ingress"] as const).some(
    (direction) => governs(policy, direction) && !left.some((other) => governs(other, direction)),
  );
  return open ? "breaks-guard" : "breaks-workload";
}

function changed(object: Manifest, live: LiveObject, subject: Subject): Drifted[] {
  const all = [...changesOf(object, live), ...additions(object, live)].filter(
    (change) => !isFewerGateways(object, change, subject),
  );
  if (all.length === 0) {
    return [];
  }
  const writers = all.map(({ writer }) => writer);
  const byOthers = writers.some((writer) => writer === undefined || !isOurs(writer));
  return [
    {
      severity: severityOfChange(object, all),
      object: named(object),
      problem: byOthers
        ? "Somebody else has changed it: it is not what the stack plans."
        : "It is not what the stack's file plans, and the stack wrote it last: the file is newer than what is applied.",
      evidence: all.slice(0, 8).map(({ path, planned, live: seen, writer }) => {
        const who = writer === undefined ? managerOf(live)[0] : `written by ${words(writer)}`;
        return `${pathText(path)}: planned ${show(planned, path)}, live ${show(seen, path)}${who === undefined ? "" : `, ${who}`}`;
      }),
      byOthers,
      ...keyFor(object, all, subject),
    },
  ];
}

type Change = Difference & { writer: ReturnType<typeof writerOf> };

function changesOf(object: Manifest, live: LiveObject): Change[] {
  const exact = /istio\.io\//.test(object.apiVersion) || object.kind === "NetworkPolicy";
  const { apiVersion: _, kind, metadata, status: __, ...content } = object;
  const { labels = {}, annotations = {} } = metadata;
  const liveContent = live as unknown as Record<string, unknown>;
  const found = [
    ...differences(labels, live.metadata.labels ?? {}, false, ["metadata", "labels"]),
    ...differences(annotations, live.metadata.annotations ?? {}, false, ["metadata", "annotations"]),
    ...Object.entries(content).flatMap(([key, value]) => differences(value, liveContent[key], exact, [key])),
  ];
  return found
    .filter(({ path }) => !(kind === "Namespace" && checkedElsewhere.has(String(path[2]))))
    .map((difference) => ({ ...difference, writer: writerOf(live, difference.path) }));
}

/** What others have put into an object of a kind that the API server fills in: to be told from that by who owns it. */
function additions(object: Manifest, live: LiveObject): Change[] {
  if (/istio\.io\//.test(object.apiVersion) || object.kind === "NetworkPolicy") {
    return [];
  }
  return fieldsOfOthers(live)
    .filter(({ path }) => !isPlannedField(object, path) && !path.includes("kubectl.kubernetes.io/restartedAt"))
    .filter(({ path }) => path.join(".") !== "spec.replicas" && valueAt(live, path) !== undefined)
    .map(({ path, writer }) => ({ path, planned: undefined, live: valueAt(live, path), writer }));
}

function isPlannedField(object: unknown, path: string[]): boolean {
  return valueAt(object, path) !== undefined;
}

/** The value at a path of managed fields, where `[name=app]` is the element with that name. */
function valueAt(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (!step.startsWith("[")) {
      return isObject(inner) ? inner[step] : undefined;
    }
    const wanted = step
      .slice(1, -1)
      .split(",")
      .map((pair) => pair.split("=") as [string, string?]);
    return Array.isArray(inner)
      ? inner.find(
          (element: unknown) =>
            isObject(element) &&
            // The API server writes TCP where a port names no protocol.
            wanted.every(([key, text]) => String(element[key] ?? (key === "protocol" ? "TCP" : "")) === text),
        )
      : undefined;
  }, value);
}

function severityOfChange({ apiVersion, kind }: Manifest, changes: Change[]): Severity {
  if (guards.test(kind) || /istio\.io\//.test(apiVersion)) {
    return changes.every(({ path }) => path[0] === "metadata") ? "warning" : "breaks-guard";
  }
  return changes.every(({ path }) => path[0] === "metadata" || path[1] === "replicas") ? "warning" : "breaks-workload";
}

/** A gateway of fewer pods than planned is found as such. */
function isFewerGateways({ kind, metadata }: Manifest, { path, planned, live }: Change, subject: Subject): boolean {
  return (
    kind === "Deployment" &&
    metadata.namespace === subject.gatewayNamespace &&
    pathText(path) === "spec.replicas" &&
    Number(live) < Number(planned)
  );
}

/**
 * Pulumi compares with what it wrote last, and so takes what others have changed for unchanged unless it looks first; and
 * the API server lets it write what others own by force only.
 *
 * @param contested whether others own something that has to be written
 */
function restore({ stack }: Subject, contested: boolean): Pick<Found, "fix" | "commands"> {
  const up = `pulumi up --refresh --stack ${stack}`;
  return contested
    ? {
        fix:
          "Apply the stack anew, with a look at the cluster first, and take over what others have set on its objects: " +
          "all that is found here is set back.",
        commands: [`env PULUMI_K8S_ENABLE_PATCH_FORCE=true ${up}`],
      }
    : {
        fix: "Apply the stack anew, with a look at the cluster first: without one Pulumi takes it for unchanged.",
        commands: [up],
      };
}

/** A number of pods that somebody has set by hand, or an autoscaler, may be meant. */
function keyFor({ kind, metadata }: Manifest, changes: Change[], { workloadsIn }: Subject): Pick<Found, "config"> {
  const { namespace, name } = metadata;
  const isWorkload = workloadsIn.get(namespace ?? "")?.some((workload) => workload.name === name) === true;
  return kind === "Deployment" && isWorkload && changes.every(({ path }) => pathText(path) === "spec.replicas")
    ? { config: `istio-egress:workloads.${name}.replicas: auto` }
    : {};
}

/** A value for people; what may be a secret, as a variable's value, is never shown. */
function show(value: unknown, path: Step[]): string {
  if (value === undefined) {
    return "absent";
  }
  if (path.some((step) => step === "env" || step === "data" || step === "stringData")) {
    return "a value that is not shown";
  }
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

type Step = string | number;

/** Objects of the stack's own kinds and label that it does not plan: rules that are gone from its file, and still hold. */
export const leftovers: Check = {
  name: "leftovers",
  promise: "no rule holds on the cluster that the stack's file does not have any more",
  needs: ({ gatewayNamespace: namespace }) => [{ resource: "authorizationpolicies.security.istio.io", namespace }],
  run: (subject, snapshot) =>
    snapshot
      .of("AuthorizationPolicy.security.istio.io", subject.gatewayNamespace)
      .filter((policy) => isOurOwn(policy) && !isPlanned(subject, policy))
      .map((policy) => ({
        severity: "breaks-guard",
        object: named(policy),
        problem:
          "It is of this stack, or of one like it, and its file has no such rule any more: what it allows is still open.",
        evidence: managerOf(policy),
        fix: "Apply the stack, which takes away what its file does not have. Where that leaves it, nobody's stack has it: delete it.",
        commands: [
          `pulumi up --stack ${subject.stack}`,
          `kubectl delete authorizationpolicies.security.istio.io ${policy.metadata.name} --namespace ${subject.gatewayNamespace} --ignore-not-found`,
        ],
      })),
};

export function isOurOwn({ metadata: { labels = {}, managedFields = [] } }: LiveObject): boolean {
  return labels["app.kubernetes.io/managed-by"] === "pulumi" && managedFields.some(isOurs);
}
