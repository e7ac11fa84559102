import { needsDnsCapture } from "../config/dns-capture";
import { ConfigProblem } from "../config/problem";
import { StackConfig } from "../config/types";
import { listNames } from "../ground/suggest";
import { Grant, grantsOf } from "./grants";
import { connectPorts, spokenTo } from "./targets";

/** Whether a grant is for ports on which a sidecar tells hosts apart only if it answers its pod's DNS. */
export function isTunnelled({ target }: Grant): boolean {
  return connectPorts(target).length > 0;
}

/** A warning for each rule by which pods that others make need sidecars that answer DNS; pods made here have them. */
export function dnsCaptureWarnings(config: StackConfig): ConfigProblem[] {
  return grantsOf(config)
    .all.filter((grant) => isTunnelled(grant) && grant.client.workload?.made === undefined)
    .map(({ client, target, rule }) => ({
      path: rule.path,
      value: `${rule.from} → ${rule.to}`,
      problem:
        `Pods of ${client.key}${client.workload === undefined ? " that are not made here" : ""} are granted ` +
        `${listNames(spokenTo(target))}, and ${needsDnsCapture}`,
      fix: "have their owners write it into their pods' template; it counts from a pod's start",
    }));
}
