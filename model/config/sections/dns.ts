import { asRange, contains, parseCidr } from "../../ground/cidr";
import { mostNamesSize, namesSize, podDnsProblems } from "../../ground/dns";
import { configPath } from "../problem";
import { dnsSchema } from "../schema";
import { readFields, Report } from "../shape";
import { DnsConfig, StackConfig } from "../types";

type Context = Pick<StackConfig, "cluster" | "mesh" | "workloads" | "destinations">;

export function readDns(raw: unknown, context: Context, report: Report): DnsConfig {
  const { sound } = readFields(dnsSchema, raw ?? {}, ["dns"], report);
  const dns: DnsConfig = { ...dnsSchema.parse({}), ...sound };
  reportAddress(dns, context, report);
  if (dns.mode === "allowed-only") {
    reportMesh(context, report);
    reportPods(context, report);
    reportSize(context, report);
  }
  return dns;
}

/** Of this host, of a link, of many at once, and those that Istio gives out by itself: 240.240.0.0/16. */
const nobodys = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.240.0.0/16", "255.255.255.255/32"];

/** Pods are told the address before the Service is there, so it has to be known. */
function reportAddress({ mode, address }: DnsConfig, { cluster }: Context, report: Report): void {
  const path = configPath("dns", "address");
  const services = cluster.kind === "gke" ? cluster.network.services : undefined;
  const allowed =
    services === undefined
      ? "an address of the cluster's range for Services that no Service has, from its lower end, as 10.96.0.53"
      : `an address of ${services}, the cluster's range for Services, that no Service has, from its lower end`;
  if (address === undefined) {
    if (mode === "allowed-only") {
      const problem = "Missing: pods are told the resolver's address before the resolver is there";
      report({ path, problem, allowed, fix: "choose one, and write it as dns: {mode: allowed-only, address: …}" });
    }
    return;
  }
  const range = address.includes("/") ? undefined : parseCidr(asRange(address));
  const resolvers = cluster.kind === "existing" ? cluster.dns.resolvers : [];
  const problem =
    range === undefined
      ? "Not an IPv4 address"
      : nobodys.some((each) => contains(parseCidr(each)!, range))
        ? "No Service can have it"
        : resolvers.includes(address)
          ? `The cluster's own resolver has it, by ${configPath("cluster", "dns", "resolvers")}`
          : services !== undefined && !contains(parseCidr(services)!, range)
            ? "Not in the cluster's range for Services, and no Service can have it"
            : undefined;
  if (problem !== undefined) {
    report({ path, value: address, problem, allowed });
  }
}

/** Sidecars find their control plane by a name, which the resolver has to know. */
function reportMesh({ mesh, cluster }: Context, report: Report): void {
  const path = configPath("dns", "mode");
  if (mesh.kind === "cloud-service-mesh") {
    report({
      path,
      value: "allowed-only",
      problem:
        "Sidecars of Google's mesh look its control plane up by names of Google's that this resolver does not know: no pod would start",
      allowed: `with ${configPath("mesh", "kind")}: istio, or an existing mesh whose istiod is in the cluster`,
      fix: "remove it",
    });
  } else if (cluster.kind === "existing" && cluster.controlPlane?.ranges !== undefined) {
    report({
      path,
      value: "allowed-only",
      problem: `The control plane is outside the cluster, by ${configPath("cluster", "controlPlane", "ranges")}, and sidecars look it up by a name that this resolver does not know: no pod would start`,
      allowed: "where istiod's pods are in the cluster",
      fix: "remove it",
    });
  }
}

function reportPods({ workloads }: Context, report: Report): void {
  for (const { name, made } of workloads) {
    for (const { at, problem } of podDnsProblems(made?.pod.spec)) {
      report({
        path: configPath("workloads", name, "pod", "spec", ...at),
        problem,
        allowed: "dnsConfig: {options: […]}",
        fix: "remove it",
      });
    }
  }
}

function reportSize({ destinations }: Context, report: Report): void {
  const hosts = destinations.flatMap((destination) => destination.hosts);
  if (namesSize(hosts) > mostNamesSize) {
    report({
      path: configPath("dns", "mode"),
      value: "allowed-only",
      problem: `The stack's ${hosts.length} hosts are more than one resolver's configuration has room for, which is a ConfigMap of a mebibyte`,
      allowed: "some 3,000 hosts",
      fix: "remove it, or list fewer hosts, as by wildcards",
    });
  }
}
