import { parse, parseDocument, stringify } from "yaml";
import { asRange } from "../cidr";
import { isObject } from "../objects";
import { sortedUnique } from "../order";
import { freeProxyConfig } from "./lists";

/** The annotation by which a pod says how its sidecar is to be; it is read when the pod is made. */
export const proxyConfigAnnotation = "proxy.istio.io/config";

/** The setting by which a sidecar answers its pod's DNS: with an address for each host that it knows. */
export const dnsCapture = "ISTIO_META_DNS_CAPTURE";

/** What pods of a workload need that is granted other ports than 80 and 443, to paste; a clause without a full stop. */
export const needsDnsCapture =
  `need the annotation ${proxyConfigAnnotation}: '{"proxyMetadata": {"${dnsCapture}": "true"}}', ` +
  "or hosts on one port are taken for one another";

/**
 * Private addresses that the pod's own rules do not redirect to its sidecar.
 *
 * Source: Istio's documentation, "Resource Annotations".
 */
export const bypassAnnotation = "traffic.sidecar.istio.io/excludeOutboundIPRanges";

/** Addresses as that annotation lists them. */
export function bypassRanges(addresses: string[]): string {
  return sortedUnique(addresses).map(asRange).join(",");
}

/**
 * A pod's own proxy configuration, and in it that the sidecar answers DNS. Without, it knows hosts that are called by other
 * protocols than HTTP and TLS by their ports alone, and takes one for another.
 */
export function withDnsCapture(own?: string): string {
  const config: unknown = own === undefined ? {} : parse(own);
  return stringify({ ...(isObject(config) ? config : {}), proxyMetadata: { [dnsCapture]: "true" } });
}

/** What the annotation proxy.istio.io/config of a pod has against the guard; undefined for nothing. */
export function proxyConfigProblem(text: unknown): { problem: string; allowed: string; fix: string } | undefined {
  const allowed = freeProxyConfig.join(", ");
  const document = parseDocument(String(text));
  const config: unknown = document.errors.length === 0 ? document.toJS() : undefined;
  if (!isObject(config)) {
    return { problem: "Not a set of keys and values in YAML", allowed, fix: "remove it" };
  }
  const foreign = Object.keys(config).filter((key) => !freeProxyConfig.includes(key));
  return foreign.length === 0
    ? undefined
    : { problem: `The sidecar would be another one than istiod's: ${foreign.join(", ")}`, allowed, fix: "remove them" };
}
