import { clusterSchema } from "../schema";
import { readShape, Report } from "../shape";
import { ClusterConfig } from "../types";

export function readCluster(raw: unknown, report: Report): ClusterConfig {
  const cluster: ClusterConfig = { kind: "existing" };
  return readShape(clusterSchema, raw ?? cluster, ["cluster"], report) ?? cluster;
}
