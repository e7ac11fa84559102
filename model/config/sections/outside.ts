import { asRange, Cidr, formatCidr, isPrivate, overlap, parseCidr, privateRanges } from "../../ground/cidr";
import { rangeKeys } from "../../ground/gke/config";
import { sortedBy, sortedUnique } from "../../ground/order";
import { checkLabelName, checkServiceName } from "../kubernetes-names";
import { configPath } from "../path";
import { reportUnaligned } from "../range";
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

/** The largest range that may go past the sidecar: a subnet's worth of addresses. */
const shortestPrefix = 24;

/** What guarded namespaces have NetworkPolicies for by themselves, `egress-to-…` as a service's own is called. */
const ownWays = ["dns", "gateway", "istiod", "managed-control-plane", "mesh", "peers"];

export function readOutside(raw: unknown, context: Context, report: Report): Outside {
  const outside: Outside = { configs: [], namespaces: new Map() };
  for (const [name, value] of readEntries(raw, "outside", report)) {
    const { whole, sound } = readFields(outsideSchema, value ?? {}, ["outside", name], report);
    outside.namespaces.set(name, sound.namespace);
    reportName(name, sound.namespace, context, report);
    reportNamespace(name, sound.namespace, context.namespaces, report);
    const via = sound.via ?? "bypass";
    (sound.addresses ?? []).forEach((address, index) =>
      reportAddress(address, via, configPath("outside", name, "addresses", index), context.cluster, report),
    );
    if (via === "bypass" && sound.addresses?.every(isRange) === true) {
      report({
        path: configPath("outside", name, "addresses"),
        value: sound.addresses,
        problem: "No single address: the service would have a name that leads nowhere",
        fix: "name one address of it beside the ranges",
      });
    }
    if (sound.ports !== undefined) {
      reportPorts(name, sound.ports, report);
    }
    const clientMtls = (value as Record<string, unknown> | null)?.clientMtls;
    if (sound.via === "bypass" && clientMtls !== undefined) {
      report({
        path: configPath("outside", name, "clientMtls"),
        value: clientMtls,
        problem: "Nothing to say here: calls that go past the sidecar are the application's own",
        fix: "remove it, or choose via: service",
      });
    }
    if (whole !== undefined) {
      const addresses = sortedUnique(whole.addresses.map((address) => address.replace(/\/32$/, "")));
      outside.configs.push({ ...whole, name, addresses });
    }
  }
  return { ...outside, configs: sortedBy(outside.configs, ({ name }) => name) };
}

/** Whether an address is written as a range, and one of more than a single address. */
function isRange(address: string): boolean {
  return address.includes("/") && !address.endsWith("/32");
}

function reportName(name: string, namespace: string | undefined, context: Context, report: Report): void {
  const path = configPath("outside", name);
  const problem = checkLabelName(name) ?? checkServiceName(name);
  if (problem !== undefined) {
    report({ path, value: name, ...problem });
  }
  if (ownWays.includes(name)) {
    report({
      path,
      value: name,
      problem: `The namespace has a NetworkPolicy egress-to-${name} already, and the service would have another`,
      fix: "rename it",
    });
  }
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

function reportAddress(
  text: string,
  via: OutsideConfig["via"],
  path: string,
  cluster: ClusterConfig,
  report: Report,
): void {
  const range = parseCidr(asRange(text));
  if (range === undefined) {
    report({
      path,
      value: text,
      problem: "Not an IPv4 address",
      allowed: via === "bypass" ? "an address or a range, as 10.10.0.4 or 10.10.0.0/28" : "an address, as 10.10.0.4",
    });
    return;
  }
  reportUnaligned(text, range, path, report);
  if (!isPrivate(range)) {
    report({
      path,
      value: text,
      problem: "Not private: whatever has a public address has a name, and goes through a gateway",
      allowed: `a part of ${privateRanges.join(", ")}`,
      fix: `write its name among the hosts of one of ${configPath("destinations")}`,
    });
  }
  reportSize(text, range, via, path, report);
  reportInside(text, range, path, cluster, report);
}

function reportSize(text: string, range: Cidr, via: OutsideConfig["via"], path: string, report: Report): void {
  if (via === "service" && range.size > 1) {
    report({
      path,
      value: text,
      problem: "A Service has single addresses for endpoints, and no ranges",
      fix: "list the addresses one by one, or choose via: bypass",
    });
  } else if (range.prefix < shortestPrefix) {
    report({
      path,
      value: text,
      problem: `Too wide: ${range.size} addresses would go past the sidecar`,
      allowed: `/${shortestPrefix} or smaller`,
      fix: "name the addresses of the service alone",
    });
  }
}

/** A way past the sidecar to the cluster's own addresses would be one round every other policy. */
function reportInside(text: string, range: Cidr, path: string, cluster: ClusterConfig, report: Report): void {
  if (cluster.kind !== "gke") {
    return;
  }
  for (const key of rangeKeys) {
    const own = parseCidr(cluster.network[key]);
    if (own !== undefined && overlap(own, range)) {
      report({
        path,
        value: text,
        problem: `Inside the cluster itself: overlaps ${configPath("cluster", "network", key)}, ${formatCidr(own)}`,
        fix: "name a service outside the cluster",
      });
    }
  }
}

function reportPorts(name: string, ports: OutsideConfig["ports"], report: Report): void {
  const { http, https } = ports;
  if (http === undefined && https === undefined) {
    report({
      path: configPath("outside", name, "ports"),
      value: ports,
      problem: "No port at all",
      allowed: "http, https or both, as {http: 80, https: 443}",
    });
  } else if (http === https) {
    report({
      path: configPath("outside", name, "ports"),
      value: ports,
      problem: "One port cannot speak both plain HTTP and TLS",
      fix: "give each its own",
    });
  }
}
