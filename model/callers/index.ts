/**
 * Who may open connections to guarded pods, as `ingress` of their namespaces says: the one answer that matrix, graph, diff,
 * report and explain give.
 */
import { isClosed } from "../config/ingress";
import { configPath } from "../config/problem";
import { NamespaceConfig, StackConfig } from "../config/types";
import { sortedBy, sortedUnique } from "../ground/order";
import { letIn } from "./let-in";
import { Caller, homeOf, IngressVerdict } from "./who";

export { callerKey, LetIn, letIn } from "./let-in";
export * from "./who";

/** The place in the configuration that says who may call a namespace's pods. */
export function ingressPath(namespace: string): string {
  return configPath("namespaces", namespace, "ingress");
}

/** The place that names those who are not guarded. */
export function sourcesPath(namespace: string): string {
  return `${ingressPath(namespace)}.from`;
}

/** Names of the NetworkPolicies of a namespace that say who may call its pods, as `NetworkPolicy/shop/ingress-from-mesh`. */
export function ingressPolicies({ name, ingress }: NamespaceConfig): string[] {
  const others = (ingress?.from ?? []).length === 0 ? [] : ["ingress-from-others"];
  return ["ingress-from-mesh", ...others].map((policy) => `NetworkPolicy/${name}/${policy}`);
}

/**
 * The verdict on every kind of callers that the configuration knows × every guarded namespace: guarded namespaces, those
 * that its `ingress` names, namespaces that another's `ingress`, or `peers`, name, and anybody else. What the node of a pod
 * may, and what mutual TLS refuses besides, is not in it.
 */
export function ingressVerdicts(config: StackConfig): IngressVerdict[] {
  const outsiders = outsidersOf(config);
  return sortedBy(config.namespaces, ({ name }) => name).flatMap((namespace) => verdictsInto(namespace, outsiders));
}

/** Namespaces that are not guarded, and that the configuration names as callers or as called; sorted. */
export function outsidersOf({ namespaces }: Pick<StackConfig, "namespaces">): string[] {
  const guarded = new Set(namespaces.map(({ name }) => name));
  const named = namespaces.flatMap(({ ingress, peers }) => [
    ...(ingress?.from ?? []).flatMap(({ namespace }) => namespace ?? []),
    ...peers,
  ]);
  return sortedUnique(named).filter((name) => !guarded.has(name));
}

function verdictsInto(called: NamespaceConfig, outsiders: readonly string[]): IngressVerdict[] {
  const into = called.name;
  const podsOf = (namespace: string): Caller => ({ kind: "pods", namespace });
  const every = (caller: Caller, expected: "allow" | "deny"): IngressVerdict => ({
    into,
    caller,
    ports: "every",
    expected,
  });
  const guarded = every({ kind: "guarded" }, "allow");
  if (!isClosed(called)) {
    return [guarded, ...outsiders.map((name) => every(podsOf(name), "allow")), every({ kind: "anybody" }, "allow")];
  }
  const own = letIn(called.ingress!.from);
  const homes = new Map(own.map(({ caller }) => [homeOf(caller), false]));
  own.forEach(({ caller }) => {
    if (caller.kind === "pods" && caller.selector === undefined) {
      homes.set(caller.namespace, true);
    }
  });
  return [
    guarded,
    ...own.flatMap(({ caller, ports }): IngressVerdict[] =>
      ports === undefined
        ? [{ ...every(caller, "allow"), path: sourcesPath(into) }]
        : [
            ...ports.map((port): IngressVerdict => {
              return { into, caller, ports: port, expected: "allow", path: sourcesPath(into) };
            }),
            { into, caller, ports: "others", but: ports, expected: "deny" },
          ],
    ),
    ...outsiders.flatMap((namespace) => {
      const whole = homes.get(namespace);
      return whole === true
        ? []
        : [every(whole === false ? { kind: "other pods", namespace } : podsOf(namespace), "deny")];
    }),
    every({ kind: "anybody" }, "deny"),
  ];
}
