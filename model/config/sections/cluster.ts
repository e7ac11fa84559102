import { asRange, isPrivate, overlap, parseCidr } from "../../ground/cidr";
import { sortedUnique } from "../../ground/order";
import { configPath } from "../path";
import { clusterSchema } from "../schema";
import { readFields, Report } from "../shape";
import { ClusterConfig, ExistingClusterConfig } from "../types";
import { readGke } from "./gke/cluster";

/** The cluster of the stack; after a problem is reported, any cluster will do. */
export function readCluster(raw: unknown, report: Report): ClusterConfig {
  if (isGke(raw)) {
    return readGke(raw, report) ?? ambient();
  }
  const { whole, sound } = readFields(clusterSchema, raw ?? { kind: "existing" }, ["cluster"], report);
  const { resolvers } = sound.dns ?? ambient().dns;
  resolvers.forEach((address, index) => reportResolver(address, index, report));
  if (whole === undefined) {
    return ambient();
  }
  return { ...whole, kind: "existing", dns: { ...whole.dns, resolvers: sortedUnique(resolvers) } };
}

/** Whether a cluster of kind gke is meant, whatever else is wrong with it. */
export function isGke(raw: unknown): raw is { kind: "gke" } {
  return typeof raw === "object" && raw !== null && "kind" in raw && raw.kind === "gke";
}

function ambient(): ExistingClusterConfig {
  return { ...clusterSchema.parse({ kind: "existing" }), kind: "existing" };
}

/** Where resolvers are: in networks of one's own, or on the node. */
const linkLocal = "169.254.0.0/16";

function reportResolver(text: string, index: number, report: Report): void {
  const path = configPath("cluster", "dns", "resolvers", index);
  const address = text.includes("/") ? undefined : parseCidr(asRange(text));
  if (address === undefined) {
    report({ path, value: text, problem: "Not an IPv4 address", allowed: "an address, as 169.254.20.10" });
  } else if (!isPrivate(address) && !overlap(address, parseCidr(linkLocal)!)) {
    report({
      path,
      value: text,
      problem: "A public resolver would be a way out for every guarded pod: what is in a name, it is told",
      allowed: `a private address, or one of the node's own in ${linkLocal}`,
      fix: "name the resolver that the cluster asks",
    });
  }
}
