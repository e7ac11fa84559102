import { IngressSource, portsText, sourceText } from "../ground/ingress";

/** Somebody who may, or may not, open connections to the pods of a guarded namespace. */
export type Caller =
  /** Pods of a namespace that is not guarded: those with these labels, or every one. */
  | { kind: "pods"; namespace: string; selector?: Record<string, string> }
  /** Pods of a namespace whose labels none of the sources for it has. */
  | { kind: "other pods"; namespace: string }
  /** What has an address of this range, in CIDR notation. */
  | { kind: "addresses"; range: string }
  /** Pods of guarded namespaces, the called one's own among them. */
  | { kind: "guarded" }
  /** Whoever reaches the pods, and is none of the others. */
  | { kind: "anybody" };

/** TCP ports of the pods that are called: one, all, or all but those that are let in. */
export type Ports = number | "every" | "others";

/** What the model says of connections that somebody opens to the pods of a guarded namespace. */
export interface IngressVerdict {
  /** Name of the guarded namespace. */
  into: string;
  caller: Caller;
  ports: Ports;
  /** Ports that are let in, where `ports` is `others`. */
  but?: number[];
  expected: "allow" | "deny";
  /** Where the configuration lets the caller in; absent where it does not, or says nothing. */
  path?: string;
}

/** A caller in words: `pods app=prometheus of monitoring`. */
export function callerText(caller: Caller): string {
  switch (caller.kind) {
    case "pods":
      return sourceText({ namespace: caller.namespace, ...(caller.selector ? { selector: caller.selector } : {}) });
    case "other pods":
      return `other pods of ${caller.namespace}`;
    case "addresses":
      return caller.range;
    case "guarded":
      return "guarded namespaces";
    case "anybody":
      return "anybody else";
  }
}

/** `every port`, `port 8080`, `other ports` */
export function portWords(ports: Ports): string {
  return typeof ports === "number" ? portsText([ports]) : ports === "every" ? "every port" : "other ports";
}

/** What is called, in the form of a URL: any pod of the namespace, on the port if it is one. */
export function ingressUrl({ into, ports }: Pick<IngressVerdict, "into" | "ports">): string {
  return `tcp://*.${into}.svc.cluster.local${typeof ports === "number" ? `:${ports}` : ""}`;
}

/** The same of several: `every port` where they are not said. */
export function portsWords(ports: readonly number[] | undefined): string {
  return ports === undefined ? "every port" : portsText(ports);
}

/** The namespace of a caller's pods; undefined of others. */
export function homeOf(caller: Caller): string | undefined {
  return caller.kind === "pods" || caller.kind === "other pods" ? caller.namespace : undefined;
}

/** The callers that a source names, each range of addresses by itself. */
export function callersOf({ namespace, selector, addresses = [] }: IngressSource): Caller[] {
  return namespace === undefined
    ? addresses.map((range): Caller => ({ kind: "addresses", range }))
    : [{ kind: "pods", namespace, ...(selector === undefined ? {} : { selector }) }];
}
