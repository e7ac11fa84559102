import { configPath, ConfigProblem } from "./problem";
import { DestinationTraits } from "./traits";
import { reachesInside } from "./traits/told";
import { StackConfig } from "./types";
import { Unreachable, unreachable } from "./unreachable";

/**
 * Why a host can never be reached through a gateway; undefined for any other. By some traits of a destination names of a
 * private network are reached.
 *
 * @param destination that of the host; undefined where none has it
 */
export function unreachableBy(destination: DestinationTraits | undefined, host: string): Unreachable | undefined {
  const found = unreachable(host);
  return found?.isPrivate === true && reachesInside(destination ?? {}) ? undefined : found;
}

/** A warning for each host of a destination that rules may allow, and that can never be reached. */
export function unreachableHosts({ destinations }: Pick<StackConfig, "destinations">): ConfigProblem[] {
  return destinations.flatMap((destination) =>
    destination.hosts.flatMap((host) => {
      const found = unreachableBy(destination, host);
      return found === undefined
        ? []
        : [
            {
              path: configPath("destinations", destination.name, "hosts"),
              value: host,
              problem: `Rules may allow ${host}, but no gateway ever reaches it: ${found.reason}`,
              fix: found.fix,
            },
          ];
    }),
  );
}
