import { ConfigProblem } from "../config/problem";
import { StackConfig } from "../config/types";
import { bypassAnnotation, bypassRanges, needsDnsCapture } from "../ground/pods/proxy-config";
import { groupedBy } from "../ground/order";
import { listNames } from "../ground/suggest";
import { Grant, grantsOf } from "./grants";
import { connectPorts, isByAddress, isPastSidecar, spokenTo } from "./targets";

/** Whether a grant is for ports on which a sidecar tells hosts apart only if it answers its pod's DNS. */
export function isTunnelled({ target }: Grant): boolean {
  return connectPorts(target).length > 0 && !isByAddress(target);
}

/**
 * A warning for the rules by which pods that others make need an annotation, together where it is one that several rules of
 * a workload ask for; pods that are made here have it. It is read when a pod is made, and nothing of the stack can put it there.
 */
export function neededAnnotations(config: StackConfig): ConfigProblem[] {
  const grants = grantsOf(config);
  const asking = grants.all.flatMap((grant) => {
    const { client } = grant;
    const need = client.workload?.made === undefined ? needOf(grant, grants.of(client.key)) : undefined;
    return need === undefined ? [] : { grant, need };
  });
  return [...groupedBy(asking, ({ grant, need }) => `${grant.client.key} ${need}`).values()].map((together) => {
    const { client } = together[0]!.grant;
    const rules = new Map(together.map(({ grant: { rule } }) => [rule.path, rule]));
    const inOrder = [...rules.values()].sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    return {
      path: inOrder.map(({ path }) => path).join(", "),
      value: inOrder.map(({ from, to }) => `${from} → ${to}`).join(", "),
      problem:
        `Pods of ${client.key}${client.workload === undefined ? " that are not made here" : ""} are granted ` +
        `${listNames(together.flatMap(({ grant }) => calledBy(grant)))}, and ${together[0]!.need}`,
      fix: "have their owners write it into their pods' template; it counts from a pod's start",
    };
  });
}

/** What a grant is for, in words. */
function calledBy({ target }: Grant): string[] {
  return target.kind === "beside" ? [`the service ${target.name} past their sidecars`] : spokenTo(target);
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
