import { gatewayApiKinds, istioKinds, objectRules, podRules } from "../ground/admission";
import { listNames } from "../ground/suggest";
import { checkServiceAccount, NameProblem } from "./kubernetes-names";

/** What an exemption is from, and for what. */
interface Scope {
  rule: (typeof podRules)[number] | (typeof objectRules)[number];
  namespace: string;
  serviceAccount?: string | undefined;
  object?: string | undefined;
}

/** A workload whose objects are the stack's own. */
interface OwnWorkload {
  namespace: string;
  name: string;
  /** Whether the stack makes its pods, and its Service. */
  isMade: boolean;
}

interface ScopeProblem extends NameProblem {
  at: "serviceAccount" | "object";
  value?: string;
}

/** An exemption is for one thing by its name: what would open more, or nothing, and what is the stack's own. */
export function exemptionProblems(exemption: Scope, workloads: OwnWorkload[]): ScopeProblem[] {
  const { rule } = exemption;
  const isForPods = (podRules as readonly string[]).includes(rule);
  const [key, other] = isForPods ? (["serviceAccount", "object"] as const) : (["object", "serviceAccount"] as const);
  const [value, foreign] = [exemption[key], exemption[other]];
  const useless: ScopeProblem[] =
    foreign === undefined
      ? []
      : [
          {
            at: other,
            value: foreign,
            problem: `The rule ${rule} is about ${isForPods ? "pods, which are told by their ServiceAccount" : "one object"}`,
            fix: `remove it${value === undefined ? `, and write ${key}` : ""}`,
          },
        ];
  if (value === undefined) {
    const problem = "Required, but missing: without it the exemption would be for the whole namespace";
    const allowed = isForPods ? "the pods' ServiceAccount, as node-agent" : `one object, as ${exampleOf(exemption)}`;
    return [...useless, { at: key, problem, allowed }];
  }
  const problem = isForPods ? checkServiceAccount(value) : checkObject(value, exemption, workloads);
  return [...useless, ...(problem === undefined ? [] : [{ at: key, value, ...problem }])];
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

function checkObject(object: string, scope: Scope, workloads: OwnWorkload[]): NameProblem | undefined {
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
function isOwn(kind: string, name: string, { rule, namespace }: Scope, workloads: OwnWorkload[]): boolean {
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
      return workloads.some((each) => each.isMade && each.namespace === namespace && each.name === name);
    default:
      return false;
  }
}
