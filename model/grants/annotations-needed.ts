import { ConfigProblem } from "../config/problem";
import { StackConfig } from "../config/types";
import { bypassAnnotation, bypassRanges, needsDnsCapture } from "../ground/pods/proxy-config";
import { listNames } from "../ground/suggest";
import { Grant, grantsOf } from "./grants";
import { connectPorts, isByAddress, isPastSidecar, spokenTo } from "./targets";

/** Whether a grant is for ports on which a sidecar tells hosts apart only if it answers its pod's DNS. */
export function isTunnelled({ target }: Grant): boolean {
  return connectPorts(target).length > 0 && !isByAddress(target);
}

/**
 * A warning for each rule by which pods that others make need an annotation; pods that are made here have it. It is read
 * when a pod is made, and nothing of the stack can put it there.
 */
export function neededAnnotations(config: StackConfig): ConfigProblem[] {
  const grants = grantsOf(config);
  return grants.all.flatMap((grant) => {
    const { client, target, rule } = grant;
    const need = client.workload?.made === undefined ? needOf(grant, grants.of(client.key)) : undefined;
    return need === undefined
      ? []
      : {
          path: rule.path,
          value: `${rule.from} → ${rule.to}`,
          problem:
            `Pods of ${client.key}${client.workload === undefined ? " that are not made here" : ""} are granted ` +
            `${target.kind === "beside" ? `the service ${target.name} past their sidecars` : listNames(spokenTo(target))}, and ${need}`,
          fix: "have their owners write it into their pods' template; it counts from a pod's start",
        };
  });
}

function needOf(grant: Grant, all: readonly Grant[]): string | undefined {
  if (isTunnelled(grant)) {
    return needsDnsCapture;
  }
  if (!isPastSidecar(grant.target)) {
    return undefined;
  }
  // One annotation for all services that it calls so.
  const addresses = all.flatMap(({ target }) => (isPastSidecar(target) ? target.config.addresses : []));
  return `need the annotation ${bypassAnnotation}: "${bypassRanges(addresses)}", or their sidecars refuse it`;
}
