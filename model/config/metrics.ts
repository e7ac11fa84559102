import { StackConfig } from "./types";

/** The first Istio whose Envoy counts calls, 1.37, as far as its API is known; tried on Istio 1.31. */
export const countingSince = "1.29";

/** Whether gateways and sidecars count calls. */
export function countsCalls({ metrics }: Pick<StackConfig, "metrics">): boolean {
  return metrics.mode !== "off";
}

/** What an operator is to know of metrics, a sentence each, without a full stop. */
export function metricsSteps(config: Pick<StackConfig, "metrics" | "mesh" | "gateway">): string[] {
  const { mode, prometheus, labels } = config.metrics;
  if (!countsCalls(config)) {
    return [];
  }
  const pods = Object.entries(prometheus.selector).map(([key, value]) => `${key}=${value}`);
  const chosen = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [
    `calls are counted by gateways and sidecars; pods of ${prometheus.namespace} with ${pods.join(", ")} may scrape the gateways' port 15090, and nobody else`,
    ...(mode === "operator"
      ? [
          `PodMonitors, a PrometheusRule and a dashboard are made in ${config.gateway.namespace}: the Prometheus Operator's CustomResourceDefinitions have to be installed`,
          chosen.length === 0
            ? "these objects have no label of yours: a Prometheus whose podMonitorSelector or ruleSelector asks for one needs it under metrics.labels"
            : `a Prometheus finds them by ${chosen.join(", ")}`,
        ]
      : []),
    ...(config.mesh.kind === "existing"
      ? [`gateways have to be of Istio ${countingSince} or later: an older Envoy refuses to be told to count`]
      : []),
  ];
}
