import { configPath, ConfigProblem } from "../config/problem";
import { StackConfig } from "../config/types";
import { namespaceOf } from "../ground/names";
import { sortedUnique } from "../ground/order";
import { listNames } from "../ground/suggest";
import { isWildcard } from "../ground/hosts";
import { isTunnelled } from "./annotations-needed";
import { grantsOf } from "./grants";
import { isByAddress } from "./targets";

/**
 * Names that a caller's sidecar answers its pod's DNS for with addresses of the mesh's own, so that hosts on one port are
 * told apart: of all hosts that the caller is granted, once one of them is granted on such a port. On ports that are not
 * granted these addresses lead nowhere, and nobody can tell from them which host was meant.
 *
 * Source: Istio's documentation, "DNS Proxying", address auto allocation; seen with Istio 1.31.
 *
 * @param from `namespace/workload`, or `namespace/*`
 */
export function answeredNames(config: StackConfig, from: string): ReadonlySet<string> {
  const reach = grantsOf(config).reach(from);
  return new Set(
    reach.some(isTunnelled)
      ? reach.flatMap(({ target }) =>
          target.kind === "destination" && !isByAddress(target) ? target.hosts.filter((host) => !isWildcard(host)) : [],
        )
      : [],
  );
}

/** A warning for each workload that is observed, and refused something all the same: other ports of hosts that it is granted. */
export function answeredWarnings(config: StackConfig): ConfigProblem[] {
  const { workloads, observed } = grantsOf(config);
  return [...workloads.keys()]
    .filter((key) => observed.has(key))
    .flatMap((key) => {
      const names = sortedUnique(answeredNames(config, key));
      const home = namespaceOf(key);
      const path = observed.namespaces.includes(home)
        ? configPath("namespaces", home, "mode")
        : configPath("workloads", workloads.get(key)!.name, "mode");
      return names.length === 0
        ? []
        : [
            {
              path,
              value: "observe",
              problem:
                `${key} is observed, and still refused other ports of hosts that it is granted, as its sidecar answers for ` +
                `these with addresses of the mesh's own: ${listNames(names)!}`,
              fix: "grant the ports as well that are called; egress logs and egress learn have the refused calls",
            },
          ];
    });
}
