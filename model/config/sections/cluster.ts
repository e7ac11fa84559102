import { asRange, formatCidr, isPrivate, linkLocal, overlap, parseCidr } from "../../ground/cidr";
import { isObject, present, says } from "../../ground/objects";
import { sortedUnique } from "../../ground/order";
import { checkLabelName } from "../kubernetes-names";
import { configPath } from "../problem";
import { reportUnaligned } from "../range";
import { gkeSchema } from "../gke-schema";
import { clusterSchema } from "../schema";
import { readParts, Report } from "../shape";
import { ClusterConfig, ExistingClusterConfig } from "../types";
import { readGke } from "./gke/cluster";

/** The cluster of the stack; after a problem is reported, any cluster will do. */
export function readCluster(raw: unknown, report: Report): ClusterConfig {
  if (isGke(raw)) {
    return readGke(raw, report) ?? ambient();
  }
  const { whole, sound } = readParts(clusterSchema, ofNoKind(raw) ?? { kind: "existing" }, ["cluster"], report);
  // What is in disorder is read part by part, and some of them may be missing.
  const { resolvers = [] }: Partial<ExistingClusterConfig["dns"]> = sound.dns ?? {};
  resolvers.forEach((address, index) => reportResolver(address, index, report));
  (sound.ranges ?? []).forEach((range, index) => reportOwnRange(range, index, report));
  reportControlPlane(sound.controlPlane, report);
  reportApi(sound.api, report);
  if (whole === undefined) {
    // What is said of its addresses is wrong, and reported; that it is missing would be untrue, and a second report.
    return { ...ambient(), ...asSaid(raw, sound) };
  }
  const { namespace, ranges } = whole.controlPlane ?? {};
  return {
    ...whole,
    kind: "existing",
    dns: { ...whole.dns, resolvers: sortedUnique(resolvers) },
    ...(whole.ranges === undefined ? {} : { ranges: sortedUnique(whole.ranges.map(asRange)) }),
    ...(whole.api === undefined
      ? {}
      : {
          api: { ...whole.api, endpoints: sortedUnique(whole.api.endpoints.map((each) => each.replace(/\/32$/, ""))) },
        }),
    ...(namespace === undefined && ranges === undefined
      ? {}
      : { controlPlane: { namespace, ...(ranges === undefined ? {} : { ranges: sortedUnique(ranges) }) } }),
  };
}

/** What a cluster in disorder says of its addresses, as far as it can be read. */
function asSaid(
  raw: unknown,
  { ranges = [], api }: Partial<Pick<ExistingClusterConfig, "ranges" | "api">>,
): Partial<ExistingClusterConfig> {
  return {
    ...(says(raw, "ranges") ? { ranges: present(ranges) } : {}),
    ...(says(raw, "api") ? { api: { service: "", port: 6443, ...api, endpoints: present(api?.endpoints ?? []) } } : {}),
    ...(says(raw, "workloadIdentity") ? { workloadIdentity: true } : {}),
  };
}

/** Of a cluster whose kind nobody knows, or that says none, nothing is told of keys that the other kind has. */
function ofNoKind(raw: unknown): unknown {
  if (!isObject(raw) || raw.kind === "existing") {
    return raw;
  }
  return Object.fromEntries(
    Object.entries(raw).filter(
      ([key]) => Object.hasOwn(clusterSchema.shape, key) || !Object.hasOwn(gkeSchema.shape, key),
    ),
  );
}

/** Whether a cluster of kind gke is meant, whatever else is wrong with it. */
export function isGke(raw: unknown): raw is { kind: "gke" } {
  return typeof raw === "object" && raw !== null && "kind" in raw && raw.kind === "gke";
}

function ambient(): ExistingClusterConfig {
  return { ...clusterSchema.parse({ kind: "existing" }), kind: "existing" };
}

function reportResolver(text: string, index: number, report: Report): void {
  const path = configPath("cluster", "dns", "resolvers", index);
  const address = text.includes("/") ? undefined : parseCidr(asRange(text));
  if (address === undefined) {
    report({
      path,
      value: text,
      problem: "Not an IPv4 address",
      allowed: "an address, as 169.254.20.10",
      fix: "write the address that pods ask",
    });
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

function reportOwnRange(text: string, index: number, report: Report): void {
  const path = configPath("cluster", "ranges", index);
  const range = parseCidr(asRange(text));
  if (range === undefined) {
    report({
      path,
      value: text,
      problem: "Not a range of IPv4 addresses",
      allowed: "CIDR notation, as 10.244.0.0/16",
      fix: "write the IPv4 ranges that the cluster has",
    });
  } else {
    reportUnaligned(text, range, path, report);
  }
}

/** The widest range that a control plane may have: every guarded pod can call whatever is in it. */
const shortestPrefix = 24;

function reportControlPlane(controlPlane: ExistingClusterConfig["controlPlane"], report: Report): void {
  const { namespace, ranges = [] } = controlPlane ?? {};
  const problem = namespace === undefined ? undefined : checkLabelName(namespace);
  if (problem !== undefined) {
    report({ path: configPath("cluster", "controlPlane", "namespace"), value: namespace, ...problem });
  }
  if (namespace !== undefined && ranges.length > 0) {
    report({
      path: configPath("cluster", "controlPlane", "ranges"),
      value: ranges,
      problem: `The control plane is either in the cluster, in ${namespace}, or outside of it`,
      fix: "remove one of the two",
    });
  }
  ranges.forEach((range, index) => reportControlPlaneRange(range, index, report));
}

/** The widest range that the API server's addresses are said by. */
const widestApi = 28;

function reportApi(api: Partial<NonNullable<ExistingClusterConfig["api"]>> | undefined, report: Report): void {
  const { service, endpoints = [] } = api ?? {};
  const place = configPath("cluster", "api", "service");
  if (service !== undefined && (service.includes("/") || parseCidr(asRange(service)) === undefined)) {
    report({
      path: place,
      value: service,
      problem: "Not an IPv4 address",
      allowed: "an address, as 10.96.0.1",
      fix: "write the CLUSTER-IP that `kubectl get service kubernetes --namespace default` prints",
    });
  }
  endpoints.forEach((text, index) => {
    const path = configPath("cluster", "api", "endpoints", index);
    const range = parseCidr(asRange(text));
    if (range === undefined) {
      report({
        path,
        value: text,
        problem: "Not an IPv4 address, nor a range of them",
        allowed: "as 10.0.0.2 or 172.16.0.0/28",
        fix: "write the ENDPOINTS that `kubectl get endpointslices --selector kubernetes.io/service-name=kubernetes --namespace default` prints",
      });
      return;
    }
    reportUnaligned(text, range, path, report);
    const never = ["127.0.0.0/8", linkLocal].find((each) => overlap(parseCidr(each)!, range));
    if (never !== undefined || range.prefix < widestApi) {
      report({
        path,
        value: text,
        problem:
          never === undefined
            ? `Too wide: whoever is granted the API could call ${range.size} addresses`
            : `In ${never}, where no API server answers pods`,
        allowed: `the API server's own addresses, /${widestApi} or smaller`,
        fix: "name these only",
      });
    }
  });
}

function reportControlPlaneRange(text: string, index: number, report: Report): void {
  const path = configPath("cluster", "controlPlane", "ranges", index);
  const range = parseCidr(asRange(text));
  if (range === undefined) {
    report({
      path,
      value: text,
      problem: "Not a range of IPv4 addresses",
      allowed: "CIDR notation, as 10.20.0.0/28",
      fix: "write the control plane's addresses",
    });
    return;
  }
  reportUnaligned(text, range, path, report);
  if (range.prefix < shortestPrefix) {
    report({
      path,
      value: formatCidr(range),
      problem: `Too wide: every guarded pod could call ${range.size} addresses`,
      allowed: `/${shortestPrefix} or smaller`,
      fix: "name the control plane's own addresses",
    });
  }
}
