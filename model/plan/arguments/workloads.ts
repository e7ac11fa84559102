import { checkIdentityName, checkServiceAccount } from "../../config/kubernetes-names";
import { SourceContext, sourceProblems } from "../../config/ingress";
import { outsideProblems } from "../../config/outside-service";
import { guards, madeWorkloadSchema } from "../../config/schema";
import { forwardingOf } from "../../ground/forwarding";
import { IngressSource } from "../../ground/ingress";
import { isObject } from "../../ground/objects";
import { ownNamespaceLabels } from "../../ground/labels";
import type { NamespaceArgs, OutsideArgs } from "../args";
import { Check, Sense } from "../check";
import * as check from "../check";
import { dns, guardedNamespaces, noCounters, placeOf, portsBySpoken } from "./shared";

/** What planners of namespaces, workloads and services beside the mesh ask of their arguments. */

const { label, listOf, mesh, oneOf, onlyOf, optional, port, problemText, setOf, text } = check;

const sourceShape = onlyOf({
  namespace: optional(text()),
  selector: optional(check.labels()),
  addresses: optional(listOf(text(), { atLeast: 1 })),
  ports: optional(listOf(port, { atLeast: 1 })),
  reason: optional(text()),
});

/** One who may open connections, of the form that the configuration asks for and by its rules. */
function ingressSource(context: SourceContext): Check {
  return (value) => {
    const malformed = sourceShape(value);
    if (malformed === undefined || typeof malformed === "string" || malformed.length > 0) {
      return malformed;
    }
    return sourceProblems(value as IngressSource, context).map(({ at, problem, allowed }) => ({
      argument: placeOf(at),
      problem: problemText({ problem, allowed }),
    }));
  };
}

export const namespaceChecks = ({
  guardedNamespaces: guarded,
  gatewayNamespace,
}: Partial<NamespaceArgs>): Record<string, Check> => ({
  name: label,
  mesh,
  labels: optional(check.labels({ taken: ownNamespaceLabels })),
  existing: optional(oneOf(true, false)),
  guard: optional(oneOf(...guards)),
  guardedNamespaces,
  peers: optional(listOf(label)),
  ingress: optional(
    setOf({
      from: listOf(ingressSource({ guarded: new Set(Array.isArray(guarded) ? guarded : []), gatewayNamespace })),
    }),
  ),
  gatewayNamespace: label,
  hosts: optional(listOf(check.knownHost)),
  observed: optional(oneOf("nobody", "workloads", "all")),
  ...dns,
  allowedNames: optional(oneOf(true, false)),
  counts: optional(oneOf(true, false)),
  askingFreely: optional(listOf(setOf({ workload: text(checkIdentityName), selector: check.labels({ atLeast: 1 }) }))),
});

/** Sidecars count by an EnvoyFilter as well. */
export const namespaceSense: Sense<Pick<NamespaceArgs, "mesh" | "counts">> = ({ mesh: of, counts }) =>
  counts !== true || forwardingOf(of).hasLog ? [] : [{ argument: "counts", problem: noCounters }];

export const workloadChecks: Record<string, Check> = {
  name: text(checkIdentityName),
  namespace: label,
  mesh,
  serviceAccount: optional(text(checkServiceAccount)),
  selector: optional(check.labels({ atLeast: 1 })),
  made: optional(made),
  hosts: listOf(check.knownHost),
  bypassed: optional(listOf(check.addressOrRange)),
  beside: optional(listOf(setOf({ addresses: listOf(check.addressOrRange, { atLeast: 1 }), ports: portsBySpoken }))),
  tunnels: optional(oneOf(true, false)),
  observed: optional(oneOf(true, false)),
  resolver: optional(check.address),
  guardedNamespaces,
  peers: optional(listOf(label)),
  gatewayNamespace: label,
};

/** What a workload is made of, by the configuration's own schema; its values are never in a problem. */
function made(value: unknown): ReturnType<Check> {
  if (!isObject(value)) {
    return "Not what a workload could be made of";
  }
  const result = madeWorkloadSchema.safeParse({ ...value, namespace: "any" });
  return result.error?.issues.map((issue) => ({ argument: placeOf(issue.path), problem: issue.message }));
}

export const outsideChecks: Record<string, Check> = {
  name: text(),
  namespace: label,
  addresses: listOf(text(), { atLeast: 1 }),
  ports: portsBySpoken,
  via: oneOf("service", "bypass"),
  clientMtls: optional(oneOf("disabled", "mesh")),
  clients: optional(listOf(label, { atLeast: 1 })),
  gatewayNamespace: label,
};

/** What the configuration says against a service beside the mesh, whose arguments are of the right types. */
export const outsideSense: Sense<OutsideArgs> = ({ name, addresses, ports, via, clientMtls }) =>
  outsideProblems({
    name,
    ports,
    via,
    ...(Array.isArray(addresses) && addresses.every((address) => typeof address === "string") ? { addresses } : {}),
    // What is said nowhere is there as a default.
    ...(clientMtls === "mesh" ? { clientMtls } : {}),
  }).map(({ at, value, problem, allowed }) => {
    const [argument, ...place] = at.length === 0 ? ["name"] : at;
    const shown = typeof value === "string" ? `${JSON.stringify(value)}: ` : "";
    return {
      argument: `${String(argument)}${placeOf(place)}`,
      problem: `${shown}${problemText({ problem, allowed })}`,
    };
  });
