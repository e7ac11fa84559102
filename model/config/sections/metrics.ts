import { forwardingOf } from "../../ground/forwarding";
import { sortedBy } from "../../ground/order";
import { checkLabel, checkLabelName } from "../kubernetes-names";
import { meshTraits } from "../mesh-traits";
import { countingSince, countsCalls } from "../metrics";
import { configPath } from "../problem";
import { metricsSchema } from "../schema";
import { readFields, Report } from "../shape";
import { MetricsConfig, StackConfig } from "../types";

type Context = Pick<StackConfig, "mesh" | "gateway" | "namespaces">;

export function readMetrics(raw: unknown, context: Context, report: Report): MetricsConfig {
  const { sound } = readFields(metricsSchema, raw ?? {}, ["metrics"], report);
  const metrics: MetricsConfig = { ...metricsSchema.parse({}), ...sound };
  if (countsCalls({ metrics })) {
    reportMesh(metrics, context, report);
  }
  reportPrometheus(metrics, context, report);
  reportLabels(["labels"], metrics.labels, report);
  return metrics;
}

/** Calls are counted by Envoy, which is told to by an EnvoyFilter and has to know how. */
function reportMesh({ mode }: MetricsConfig, { mesh }: Context, report: Report): void {
  const path = configPath("metrics", "mode");
  if (!forwardingOf(meshTraits(mesh)).hasLog) {
    report({
      path,
      value: mode,
      problem: "Gateways count calls by an EnvoyFilter, and this mesh takes none",
      allowed: `off, or a mesh that takes EnvoyFilters: ${configPath("mesh", "kind")}: istio, or existing`,
      fix: "remove it, and watch the mesh's own istio_requests_total, which has no destination and no decision",
    });
  } else if (mesh.kind === "istio" && isBefore(mesh.version, countingSince)) {
    report({
      path,
      value: mode,
      problem: `Envoy of Istio ${mesh.version} may not know how to count calls, and would refuse its configuration`,
      allowed: `with Istio ${countingSince} or later`,
      fix: `update ${configPath("mesh", "version")}, or remove it`,
    });
  }
}

/** Whether a version of Istio is before another one, by their first two numbers. */
export function isBefore(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

/** A Prometheus that nobody is, or that cannot reach the gateways, would be found out by missing numbers only. */
function reportPrometheus({ prometheus }: MetricsConfig, { gateway, namespaces }: Context, report: Report): void {
  const { namespace, selector } = prometheus;
  const path = configPath("metrics", "prometheus", "namespace");
  const malformed = checkLabelName(namespace);
  if (malformed !== undefined) {
    report({ path, value: namespace, ...malformed });
  } else if (namespace === gateway.namespace || namespaces.some(({ name }) => name === namespace)) {
    report({
      path,
      value: namespace,
      problem:
        namespace === gateway.namespace
          ? "The gateways have this namespace to themselves"
          : "The namespace is guarded, and its pods reach gateways on the ports of calls only",
      allowed: "a namespace that is neither guarded nor the gateways'",
      fix: "name the namespace that Prometheus runs in",
    });
  }
  if (Object.keys(selector).length === 0) {
    report({
      path: configPath("metrics", "prometheus", "selector"),
      value: selector,
      problem: "No label: every pod of the namespace could read who calls what",
      allowed: "labels that Prometheus' pods have, as {app.kubernetes.io/name: prometheus}",
      fix: "remove it, for that label, or write those of your Prometheus",
    });
  }
  reportLabels(["prometheus", "selector"], selector, report);
}

function reportLabels(at: string[], labels: Record<string, string>, report: Report): void {
  for (const [label, value] of sortedBy(Object.entries(labels), ([key]) => key)) {
    const problem =
      at[0] === "labels" && label === "app.kubernetes.io/managed-by"
        ? { problem: "The label is set here already", fix: "remove it" }
        : checkLabel(label, value);
    if (problem !== undefined) {
      report({ path: configPath("metrics", ...at, label), value, ...problem });
    }
  }
}
