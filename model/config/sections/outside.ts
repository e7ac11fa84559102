import { asRange, formatCidr, parseCidr } from "../../ground/cidr";
import { sortedBy } from "../../ground/order";
import { normalAddresses, outsideProblems } from "../outside-service";
import { ownIn, ownRanges } from "../own-ranges";
import { configPath } from "../problem";
import { outsideSchema } from "../schema";
import { readEntries, readFields, Report } from "../shape";
import { didYouMean, listNames } from "../../ground/suggest";
import { ClusterConfig, OutsideConfig, WorkloadConfig } from "../types";
import { Destinations } from "./destinations";
import { serves } from "./workloads";

export interface Outside {
  configs: OutsideConfig[];
  /** Namespace by name, for every service that the configuration mentions; undefined where it says none. */
  namespaces: Map<string, string | undefined>;
}

interface Context {
  cluster: ClusterConfig;
  /** Every name that the configuration mentions. */
  namespaces: Set<string>;
  workloads: WorkloadConfig[];
  destinations: Destinations;
}

export function readOutside(raw: unknown, context: Context, report: Report): Outside {
  const outside: Outside = { configs: [], namespaces: new Map() };
  for (const [name, value] of readEntries(raw, "outside", report)) {
    const { whole, sound } = readFields(outsideSchema, value ?? {}, ["outside", name], report);
    outside.namespaces.set(name, sound.namespace);
    reportName(name, sound.namespace, context, report);
    reportNamespace(name, sound.namespace, context.namespaces, report);
    const written = { ...sound, name, ...given(value) };
    for (const { at, ...problem } of outsideProblems(written, `one of ${configPath("destinations")}`)) {
      report({ path: configPath("outside", name, ...at), ...problem });
    }
    (sound.addresses ?? []).forEach((address, index) =>
      reportAddress(address, configPath("outside", name, "addresses", index), context, report),
    );
    if (whole !== undefined) {
      outside.configs.push({ ...whole, name, addresses: normalAddresses(whole.addresses) });
    }
  }
  return { ...outside, configs: sortedBy(outside.configs, ({ name }) => name) };
}

/** What a default would hide: whether the service says how it is called at all. */
function given(value: unknown): Pick<Partial<OutsideConfig>, "clientMtls"> {
  return { clientMtls: (value as Partial<OutsideConfig> | null)?.clientMtls };
}

function reportName(name: string, namespace: string | undefined, context: Context, report: Report): void {
  const path = configPath("outside", name);
  if (context.destinations.names.has(name)) {
    report({
      path,
      value: name,
      problem: `A destination has this name already, at ${configPath("destinations", name)}: a rule could mean either`,
      fix: "rename one of the two",
    });
  }
  const workload = context.workloads.find((other) => other.name === name && other.namespace === namespace);
  if (workload?.made !== undefined && serves(workload.made)) {
    report({
      path,
      value: name,
      problem: `The workload at ${configPath("workloads", name)} has a Service of this name already`,
      fix: "rename one of the two",
    });
  }
}

function reportNamespace(name: string, namespace: string | undefined, namespaces: Set<string>, report: Report): void {
  if (namespace !== undefined && !namespaces.has(namespace)) {
    report({
      path: configPath("outside", name, "namespace"),
      value: namespace,
      problem: "Not a configured namespace",
      allowed: listNames(namespaces),
      fix: didYouMean(namespace, namespaces) ?? `add it to ${configPath("namespaces")}`,
    });
  }
}

function reportAddress(text: string, path: string, { cluster, destinations }: Context, report: Report): void {
  reportInside(text, path, cluster, report);
  const range = parseCidr(asRange(text));
  const [owner] = range === undefined ? [] : destinations.ranges.overlapping(range);
  if (owner !== undefined) {
    report({
      path,
      value: text,
      problem: `${owner.path} holds it as well, ${owner.addresses}, and leads it to a gateway`,
      fix: "leave it in one of the two",
    });
  }
}

/** A way past the sidecar to the cluster's own addresses would be one round every other policy. */
function reportInside(text: string, path: string, cluster: ClusterConfig, report: Report): void {
  for (const own of ownIn(text, ownRanges(cluster))) {
    report({
      path,
      value: text,
      problem: `Inside the cluster itself: overlaps ${own.path}, ${formatCidr(own.range)}`,
      fix: "name a service outside the cluster",
    });
  }
}
