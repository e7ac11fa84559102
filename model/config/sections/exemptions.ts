import { gatewayApiKinds, istioKinds, objectRules, podRules } from "../../ground/admission";
import { sortedBy } from "../../ground/order";
import { didYouMean, listNames } from "../../ground/suggest";
import { checkLastDay } from "../date";
import { checkServiceAccount, NameProblem } from "../kubernetes-names";
import { configPath } from "../problem";
import { exemptionSchema } from "../schema";
import { readFields, Report } from "../shape";
import { AdmissionConfig, Exemption, NamespaceConfig, WorkloadConfig } from "../types";

interface Context {
  namespaces: NamespaceConfig[];
  workloads: WorkloadConfig[];
  now: Date;
}

/** What is let pass of admission: those that hold today, and those whose last day is over; each sorted. */
export function readExemptions(
  raw: unknown[],
  context: Context,
  report: Report,
): Pick<AdmissionConfig, "exemptions" | "expired"> {
  const read: Pick<AdmissionConfig, "exemptions" | "expired"> = { exemptions: [], expired: [] };
  raw.forEach((value, index) => {
    const path = configPath("admission", "exemptions", index);
    const { whole, sound } = readFields(exemptionSchema, value, ["admission", "exemptions", index], report);
    if (whole !== undefined) {
      reportScope(whole, path, context, report);
    }
    const lastDay = sound.expires === undefined ? undefined : checkLastDay(sound.expires, context.now);
    if (lastDay === undefined) {
      // What is missing is said already.
      return;
    }
    if (!("date" in lastDay)) {
      report({ path: `${path}.expires`, ...lastDay });
    } else if (whole !== undefined) {
      read[lastDay.isOver ? "expired" : "exemptions"].push({ ...whole, expires: lastDay.date, path });
    }
  });
  const key = ({ rule, namespace, serviceAccount = "", object = "" }: Exemption) =>
    [rule, namespace, serviceAccount, object].join(" ");
  return { exemptions: sortedBy(read.exemptions, key), expired: sortedBy(read.expired, key) };
}

type Scope = Pick<Exemption, "rule" | "namespace" | "serviceAccount" | "object">;

/** An exemption is for one thing by its name: what would open more, or nothing, is refused. */
function reportScope(exemption: Scope, path: string, { namespaces, workloads }: Context, report: Report): void {
  const { rule, namespace } = exemption;
  const guarded = namespaces.filter(({ existing, guard }) => !existing || guard === "enforce").map(({ name }) => name);
  if (!guarded.includes(namespace)) {
    report({
      path: `${path}.namespace`,
      value: namespace,
      problem: namespaces.some(({ name }) => name === namespace)
        ? "Nothing is refused there, as its guard is not enforce"
        : "Not a configured namespace",
      allowed: listNames(guarded) ?? "none is guarded",
      fix: didYouMean(namespace, guarded) ?? "remove the exemption",
    });
  }
  const isForPods = (podRules as readonly string[]).includes(rule);
  const [key, other] = isForPods ? (["serviceAccount", "object"] as const) : (["object", "serviceAccount"] as const);
  const value = exemption[key];
  if (exemption[other] !== undefined) {
    report({
      path: `${path}.${other}`,
      value: exemption[other],
      problem: `The rule ${rule} is about ${isForPods ? "pods, which are told by their ServiceAccount" : "one object"}`,
      fix: `remove it${value === undefined ? `, and write ${key}` : ""}`,
    });
  }
  if (value === undefined) {
    report({
      path: `${path}.${key}`,
      problem: "Required, but missing: without it the exemption would be for the whole namespace",
      allowed: isForPods ? "the pods' ServiceAccount, as node-agent" : `one object, as ${exampleOf(exemption)}`,
    });
    return;
  }
  const problem = isForPods ? checkServiceAccount(value) : checkObject(value, exemption, workloads);
  if (problem !== undefined) {
    report({ path: `${path}.${key}`, value, ...problem });
  }
}

/** Kinds that a rule is about, and from which an exemption lets an object pass. */
const kindsOf: Record<(typeof objectRules)[number], string[]> = {
  endpoints: ["EndpointSlice", "Endpoints"],
  ingresses: ["Ingress", "HTTPProxy", "IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "Route", "ServiceExport"],
  "istio-objects": [...istioKinds, ...gatewayApiKinds],
  "network-policies": ["NetworkPolicy", "CiliumNetworkPolicy"],
  services: ["Service"],
};

function exampleOf({ rule }: Scope): string {
  return rule === "istio-objects" ? "Telemetry/web" : `${kindsOf[rule as keyof typeof kindsOf][0]}/web`;
}

function checkObject(object: string, scope: Scope, workloads: WorkloadConfig[]): NameProblem | undefined {
  const [kind = "", name, ...rest] = object.split("/");
  const kinds = kindsOf[scope.rule as keyof typeof kindsOf];
  const isName = name !== undefined && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) && rest.length === 0;
  if (!isName || !/^[A-Z][A-Za-z]+$/.test(kind) || !kinds.includes(kind)) {
    return {
      problem: object.includes("*")
        ? "An exemption is for one object, and no pattern of them"
        : "Not an object of this rule",
      allowed: `one of ${listNames(kinds)} with its name, as ${exampleOf(scope)}`,
    };
  }
  return isOwn(kind, name, scope, workloads)
    ? {
        problem: "The object is the stack's own: whoever changes it changes the guard of every pod that it is about",
        fix: "name another object, or remove the exemption",
      }
    : undefined;
}

/** Whether the stack has an object of this name, or would have with one rule more. */
function isOwn(kind: string, name: string, { rule, namespace }: Scope, workloads: WorkloadConfig[]): boolean {
  switch (rule) {
    case "network-policies":
      return /^(egress-to|ingress-from)-/.test(name);
    case "istio-objects":
      return (
        name === "default" ||
        (kind === "Sidecar" && workloads.some((each) => each.namespace === namespace && each.name === name))
      );
    case "services":
    case "endpoints":
      return workloads.some((each) => each.made !== undefined && each.namespace === namespace && each.name === name);
    default:
      return false;
  }
}
