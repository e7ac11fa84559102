import { PodRule } from "../../ground/admission";
import { quoted } from "./cel";
import { Refusal } from "./policy";

/** What pods of guarded namespaces are held against. */
export interface PodsSetting {
  namespaces: string[];
  /** Registries that images may be of; any where there are none. */
  registries: string[];
  /** Name of the image that sidecars are made from, without its tag. @default any */
  proxyImage?: string;
  /** Drivers of volumes that the mesh's own injection brings, beside those that anybody may have. */
  drivers: string[];
  /** Revision whose injector the pods are for. */
  revision?: string;
  /** Ranges that annotations may leave out of what is led through the sidecar, by `namespace/ServiceAccount`. */
  bypassed: Map<string, string>;
  /** Names of the stack's gateways. */
  gateways: string[];
  /** `namespace/ServiceAccount` of pods that are let pass, by the rule. */
  exemptions: Map<PodRule, string[]>;
}

/** What is refused of pods, but for who is let pass. */
export type PodRefusal = Omit<Refusal, "rule" | "allow" | "unless"> & { rule: PodRule };

/** Names of containers that something is true of, and what. */
export function ownWith(condition: string, what: string, containers = "variables.own"): string {
  return `${containers}.filter(c, ${condition}).map(c, "container " + c.name + ${quoted(` ${what}`)})`;
}
