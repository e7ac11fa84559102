import { sortedUnique } from "../../ground/order";
import { asRange } from "../../ground/cidr";
import { isWildcard } from "../../ground/hosts";
import { Protocol } from "../../ground/protocols";
import { ownRangeProblems } from "../private";
import { configPath } from "../problem";
import { ProxyConfig, proxyProblems } from "../proxy";
import { Report } from "../shape";
import { ClusterConfig } from "../types";
import { ownRanges, reportUnknownRanges } from "./cluster";

interface WrittenProxy {
  written: { proxy: string; private?: string[] } | undefined;
  hosts: readonly string[];
  spoken: readonly Protocol[];
  /** What else the destination says, by key. */
  beside: Record<string, unknown>;
  connects: boolean;
  cluster: ClusterConfig;
}

/** The proxy that a destination is reached through; undefined where it has none, or none that holds. */
export function readProxy(
  destination: string,
  { written, hosts, spoken, beside, connects, cluster }: WrittenProxy,
  report: Report,
): ProxyConfig | undefined {
  if (written === undefined) {
    return undefined;
  }
  const at = (...place: (string | number)[]) => configPath("destinations", destination, "via", ...place);
  if (!connects) {
    report({
      path: at(),
      problem: "Gateways ask a proxy by an EnvoyFilter, and this mesh takes none",
      fix: "remove it, and keep what is called through a proxy in a mesh that takes EnvoyFilters",
    });
  }
  // What originate says by itself of the protocols is its own problem, below.
  if (spoken.includes("http") && (beside.protocols !== undefined || beside.originate === undefined)) {
    report({
      path: configPath("destinations", destination, "protocols"),
      value: spoken,
      problem: "Through a proxy goes what is asked of it by CONNECT: TLS, and other ports as bytes, and not plain http",
      allowed: "protocols: [https], and ports",
      fix: "write protocols: [https]",
    });
  }
  for (const key of ["originate", "private"]) {
    if (beside[key] !== undefined) {
      report({
        path: configPath("destinations", destination, key),
        problem:
          key === "private"
            ? "The proxy looks the names up, and nobody else sees where they lead"
            : "A gateway that opens TLS connects to the host itself, and to no proxy",
        fix: key === "private" ? "remove it; where the proxy is, via: {private: […]} says" : "remove one of the two",
      });
    }
  }
  const wildcard = hosts.find(isWildcard);
  if (wildcard !== undefined) {
    report({
      path: at(),
      value: wildcard,
      problem: "A proxy is for hosts that are listed by their whole names",
      fix: "list the names that are called in the place of the wildcard, or remove via",
    });
  }
  const { proxy, private: ranges } = written;
  if (ranges !== undefined) {
    reportUnknownRanges(at("private"), cluster, report);
  }
  const found = proxyProblems(written);
  const own = ownRanges(cluster);
  const inCluster = (found.length > 0 ? [] : (ranges ?? [])).flatMap((range, index) =>
    ownRangeProblems(range, own).map((problem) => ({ at: ["private", index], ...problem })),
  );
  [...found, ...inCluster].forEach(({ at: place, ...problem }) => report({ path: at(...place), ...problem }));
  return { proxy, ...(ranges === undefined ? {} : { private: sortedUnique(ranges.map(asRange)) }) };
}
