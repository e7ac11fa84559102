import { isInZones } from "../config/dns";
import { StackConfig } from "../config/types";
import { grantsOf } from "./grants";

/**
 * Whether the stack's resolver answers a name: it is granted to somebody, whoever asks, or a Service's of the namespaces
 * that it knows. Every name is, where there is no such resolver.
 *
 * @param name in lower case; a name below a wildcard, or the wildcard
 */
export function isNameAnswered(config: StackConfig, name: string): boolean {
  const { resolving, meaning, to, denied } = grantsOf(config);
  if (resolving === undefined || isInZones(resolving, name)) {
    return true;
  }
  const meant = meaning(name);
  return meant.kind === "destination" && denied(name) === undefined && to(meant.target.name).length > 0;
}

/** Whether a workload's pods are refused a name by the resolver that they ask, before any call. */
export function isNameRefused(config: StackConfig, from: string, name: string): boolean {
  return grantsOf(config).resolving?.has(from) === true && !isNameAnswered(config, name);
}
