import { isWildcard } from "../../ground/hosts";
import { Protocol } from "../../ground/protocols";
import { checkTimeout, timeoutKinds, Timeouts } from "../../ground/timeouts";
import { configPath } from "../problem";
import { Report } from "../shape";

interface WrittenTimeouts {
  written: { [kind in keyof Timeouts]?: unknown } | undefined;
  hosts?: string[];
  spoken?: Protocol[];
  /** Whether it is called by addresses, and has no hosts. */
  byAddress?: boolean;
  /** Whether its hosts are reached through an outside proxy. */
  isProxied?: boolean;
}

/** What is said of a destination's connections; undefined where nothing is, or nothing that holds. */
export function readTimeouts(
  destination: string,
  { written = {}, hosts = [], spoken = [], byAddress = false, isProxied = false }: WrittenTimeouts,
  report: Report,
): Timeouts | undefined {
  const timeouts: Timeouts = {};
  for (const kind of timeoutKinds.filter((each) => written[each] !== undefined)) {
    const at = { path: configPath("destinations", destination, "timeouts", kind), value: written[kind] };
    const check = checkTimeout(kind, written[kind]);
    if ("problem" in check) {
      report({ ...at, ...check });
    } else {
      timeouts[kind] = check.time;
    }
    const wildcard = hosts.find(isWildcard);
    if (kind !== "idle" && byAddress) {
      report({
        ...at,
        problem:
          "It is for hosts that are listed by their names: what is called by its address is waited for as all hosts are",
        fix: "remove it",
      });
    } else if (kind !== "idle" && isProxied) {
      report({
        ...at,
        problem:
          kind === "connect"
            ? "The proxy connects to the host, and how long it waits for that is the proxy's own"
            : "Through a proxy a gateway sees bytes, and no requests",
        fix: "remove it, or via; idle holds beside via",
      });
    } else if (kind === "request" && !spoken.includes("http")) {
      report({
        ...at,
        problem: "A gateway sees requests over http only: of all else it sees bytes",
        fix: "remove it, or add http to the protocols; idle and connect hold for all",
      });
    } else if (kind !== "idle" && wildcard !== undefined) {
      report({
        ...at,
        problem: `It is for hosts that are listed by their whole names, and ${wildcard} is none`,
        fix: "list the names that are called in the place of the wildcard, or remove it",
      });
    }
  }
  return Object.keys(timeouts).length === 0 ? undefined : timeouts;
}
