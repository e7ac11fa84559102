import { directTable } from "../config/direct";
import { WorkloadConfig } from "../config/types";
import { Grant, isDirect, isPastSidecar, isTunnelled, knownNames } from "../grants";
import { mergeDeep } from "../ground/objects";
import { sortedUnique } from "../ground/order";
import { WorkloadArgs } from "./args";
import { whenAny } from "./granted-behind";

/** What a workload is given, by its grants. */

/** What a workload is granted: names that its sidecar knows, ports that need its DNS, and addresses that go past it. */
export function reachOf(grants: readonly Grant[]): Pick<WorkloadArgs, "hosts" | "bypassed" | "tunnels"> {
  const bypassed = grants.flatMap(({ target }) => (isPastSidecar(target) ? target.config.addresses : []));
  return {
    hosts: knownHosts(grants),
    ...whenAny("bypassed", sortedUnique(bypassed)),
    ...(grants.some(isTunnelled) ? { tunnels: true } : {}),
  };
}

/**
 * What is opened for the pods of one workload, by the labels that it goes by: services beside the mesh where others make it,
 * and what the cluster has itself.
 */
export function waysOf(grants: readonly Grant[]): Pick<WorkloadArgs, "beside"> {
  const beside = grants.flatMap(({ target, client: { workload } }) =>
    target.kind === "beside" && (workload?.made === undefined || isDirect(target))
      ? target.opened.map(({ addresses, ports }) => ({ addresses: [...addresses], ports }))
      : [],
  );
  return beside.length === 0 ? {} : { beside };
}

/** The names that a sidecar knows by its grants. */
export function knownHosts(grants: readonly Grant[]): string[] {
  return sortedUnique(grants.flatMap(({ target }) => knownNames(target)));
}

/** What is made of a workload: with a token of its ServiceAccount where something is granted to it that asks for one. */
export function madeOf({ made }: WorkloadConfig, grants: readonly Grant[]): Pick<WorkloadArgs, "made"> {
  const asks = grants.some(({ target }) => isDirect(target) && directTable[target.direct].token);
  return made === undefined || !asks
    ? {}
    : { made: { ...made, pod: mergeDeep({ spec: { automountServiceAccountToken: true } }, made.pod) } };
}
