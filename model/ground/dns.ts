import { createHash } from "node:crypto";
import { fieldsOf } from "./objects";

/** Name of the resolver's Deployment, its Service and whatever else belongs to it, in the gateways' namespace. */
export const resolverName = "egress-dns";

/** Labels that exactly the resolver's pods have. */
export const resolverSelector = { app: resolverName } as const;

/** Port on which its pods answer, behind port 53 of its Service: one that needs no privilege. */
export const resolverPort = 1053;

/** First word of the lines in which it says what it was asked: sender, transport, type, outcome and name follow. */
export const resolverLogWord = "egress-dns";

/** CoreDNS on Docker Hub. Before 1.14.2 it has a fault in how plugins are ordered, CVE-2026-26017. */
export const resolverImage = "coredns/coredns:1.14.7";

/** The annotation of its pods that changes with its configuration, so that they are replaced. */
export const resolverConfigAnnotation = "istio-egress/config";

/**
 * An address for a granted name. No packet goes there: the sidecar goes by the Host or the SNI. Each name has one of its
 * own, as clients may share a connection between names of one address; and none is in 240.240.0.0/16, from which Istio
 * gives out its own.
 */
export function standInAddress(host: string): string {
  const [a, b, c] = createHash("sha256").update(host).digest();
  return `240.${241 + (a! % 15)}.${b!}.${c!}`;
}

export type PodDns = { dnsPolicy: "None"; dnsConfig: Record<string, unknown> };

/** What a pod's spec says so that it asks one resolver and no other, and finds the cluster's names by their short forms. */
export function podDns(namespace: string, address: string, options: unknown = [{ name: "ndots", value: "5" }]): PodDns {
  const searches = [`${namespace}.svc.cluster.local`, "svc.cluster.local", "cluster.local"];
  return { dnsPolicy: "None", dnsConfig: { nameservers: [address], searches, options } };
}

/** What a pod's spec says of DNS that cannot be, where it asks the stack's resolver. Options are its own. */
export function podDnsProblems(spec: Record<string, unknown> = {}): { at: string[]; problem: string }[] {
  const config = fieldsOf(spec.dnsConfig);
  return [
    ...(spec.dnsPolicy === undefined ? [] : [["dnsPolicy"]]),
    ...["nameservers", "searches"].flatMap((key) => (config[key] === undefined ? [] : [["dnsConfig", key]])),
  ].map((at) => ({
    at,
    problem: "The pods ask the stack's resolver, and are told so here; any other is out of their reach",
  }));
}

/** Bytes of a resolver's configuration that its names take at most. */
export function namesSize(hosts: readonly string[]): number {
  return hosts.reduce((sum, host) => sum + 170 + 7 * host.length, 0);
}

/** A ConfigMap holds a mebibyte. */
export const mostNamesSize = 1_000_000;
