import { asRange, Cidr, formatCidr, overlap, parseCidr } from "../ground/cidr";
import { rangeKeys } from "../ground/gke/config";
import { configPath } from "./problem";
import type { Report } from "./shape";
import type { ClusterConfig } from "./types";

/** A range of the cluster's own, and what the configuration calls it. */
export interface OwnRange {
  path: string;
  range: Cidr;
}

/** What is known of the cluster's own addresses: its nodes', its pods', its Services' and its control plane's. */
export function ownRanges(cluster: ClusterConfig): OwnRange[] {
  const written: [string, string][] =
    cluster.kind === "gke"
      ? rangeKeys.map((key) => [configPath("cluster", "network", key), cluster.network[key]])
      : [
          ...(cluster.ranges ?? []).map((range, index): [string, string] => [
            configPath("cluster", "ranges", index),
            range,
          ]),
          ...cluster.dns.resolvers.map((address): [string, string] => [
            configPath("cluster", "dns", "resolvers"),
            address,
          ]),
          ...(cluster.api === undefined ? [] : [cluster.api.service, ...cluster.api.endpoints]).map(
            (range): [string, string] => [configPath("cluster", "api"), range],
          ),
          ...(cluster.controlPlane?.ranges ?? []).map((range): [string, string] => [
            configPath("cluster", "controlPlane", "ranges"),
            range,
          ]),
        ];
  return written.flatMap(([path, text]) => {
    const range = parseCidr(asRange(text));
    return range === undefined ? [] : [{ path, range }];
  });
}

/** The cluster's own ranges that hold addresses of another one; none where that is no range. */
export function ownIn(text: string, own: readonly OwnRange[]): OwnRange[] {
  const range = parseCidr(asRange(text));
  return range === undefined ? [] : own.filter((each) => overlap(each.range, range));
}

/** That addresses are the cluster's, as a sentence without a full stop. */
export function holdsOwn({ path, range }: OwnRange): string {
  return `Holds addresses of the cluster itself: ${path} is ${formatCidr(range)}`;
}

/** Reports that private addresses are to be opened and nothing says which are the cluster's own. @param opened where they are written */
export function reportUnknownRanges(opened: string, cluster: ClusterConfig, report: Report): void {
  if (cluster.kind === "existing" && cluster.ranges === undefined) {
    report({
      path: configPath("cluster", "ranges"),
      problem: `Nothing says which addresses are the cluster's own, and ${opened} is not to open any of them`,
      allowed: "ranges of its nodes, pods and Services, and of its API server, as [10.244.0.0/16, 10.96.0.0/12]",
      fix: "add it",
    });
  }
}
