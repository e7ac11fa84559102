import { parseDocument } from "yaml";
import { isObject } from "../objects";
import { freeProxyConfig } from "./lists";

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
