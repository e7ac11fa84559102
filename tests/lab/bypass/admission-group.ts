import { Group } from "./vector";

/** Rules of admission that hold what the node would do for a pod. */
const nodes = ["host-namespaces", "privileges", "volumes", "node", "probes", "registries"];
const pods = ["annotations", "labels", "sidecar", "sidecar-user", "identity", "gateways", "tokens"];

/** Which group of vectors an attack belongs to, by the rule that refuses it. */
export function admissionGroup(rule: string): Group {
  const [first] = rule.split("|") as [string];
  return nodes.includes(first) ? "node" : pods.includes(first) ? "deploying" : "objects";
}
