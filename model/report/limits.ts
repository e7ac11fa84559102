import { openIn } from "../config/adoption";
import { askingFreely } from "../config/dns";
import { observedSteps } from "../config/observed";
import { reportingSteps } from "../config/reporting";
import { StackConfig } from "../config/types";
import { forwardingOf } from "../ground/forwarding";
import { meshTraits } from "../config/mesh-traits";
import { grantsOf, lateEnds } from "../grants";
import { isWildcard } from "../ground/hosts";
import { listNames } from "../ground/suggest";
import { sentence } from "../ground/words";

/** What a stack's guard does not hold, whatever the rules say: a sentence each. */
export function limitsOf(config: StackConfig): string[] {
  const { namespaces, admission, destinations, mesh } = config;
  const wildcards = destinations.flatMap(({ hosts }) => hosts.filter(isWildcard));
  const unclosed = namespaces.filter(({ ingress }) => ingress === undefined).map(({ name }) => name);
  const clauses = [
    ...observedSteps(config),
    ...reportingSteps(config),
    ...namespaces.flatMap((namespace) => openIn(namespace) ?? []),
    ...(unclosed.length === 0
      ? []
      : [
          `whoever reaches the pods of ${listNames(unclosed)} may open connections to them, and pull data out: nothing says ` +
            "who may (istio-egress:namespaces, ingress)",
        ]),
    ...(admission.mode === "deny"
      ? []
      : [
          `istio-egress:admission is ${admission.mode}: whoever may deploy into a guarded namespace is not refused what gets ` +
            "round its guard, and may take a granted ServiceAccount",
        ]),
    ...admission.exemptions.map(
      ({ rule, namespace, serviceAccount, object, owner, reason, expires }) =>
        `admission lets ${serviceAccount === undefined ? object : `pods of ServiceAccount ${serviceAccount}`} in ${namespace} ` +
        `pass rule ${rule} until ${expires}: ${reason} (${owner})`,
    ),
    ...lateEnds(config).map(({ problem }) => problem),
    ...(wildcards.length === 0
      ? []
      : [`wildcards stand for every name below them, whoever makes it: ${wildcards.join(", ")}`]),
    ...(forwardingOf(meshTraits(mesh)).hasLog
      ? []
      : ["gateways and sidecars of this mesh write no log of their own, so no use of a rule is known here"]),
    "calls of services beside the mesh pass no gateway, and are in no record",
    ...namesThatCarry(config),
    "what is inside TLS is not seen, but where the gateway opens it itself (originate)",
  ];
  return clauses.map(sentence);
}

/** Whose names may carry data out: those that are looked up at the cluster's own resolver. */
function namesThatCarry(config: StackConfig): string[] {
  const { resolving } = grantsOf(config);
  const freely = resolving === undefined ? [] : askingFreely(config, resolving);
  const whose = freely.length === 0 ? "" : `, by ${freely.join(", ")}`;
  return resolving !== undefined && freely.length === 0
    ? []
    : [`data that is carried out in names${whose}, through the cluster's resolver, is not stopped`];
}
