import { clusterSchema } from "../schema";
import { readShape, Report } from "../shape";
import { ClusterConfig } from "../types";
import { readGke } from "./gke/cluster";

const ambient: ClusterConfig = { kind: "existing" };

/** The cluster of the stack; after a problem is reported, any cluster will do. */
export function readCluster(raw: unknown, report: Report): ClusterConfig {
  if (isGke(raw)) {
    return readGke(raw, report) ?? ambient;
  }
  const cluster = readShape(clusterSchema, raw ?? ambient, ["cluster"], report);
  return cluster === undefined ? ambient : { ...cluster, kind: "existing" };
}

/** Whether a cluster of kind gke is meant, whatever else is wrong with it. */
export function isGke(raw: unknown): raw is { kind: "gke" } {
  return typeof raw === "object" && raw !== null && "kind" in raw && raw.kind === "gke";
}
