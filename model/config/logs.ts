import { collectorPorts, collectorService } from "../ground/collector";
import { NameProblem } from "./kubernetes-names";
import { StackConfig } from "./types";

/** The first Istio whose Envoy, 1.37, takes a collector in the form that later ones keep; tried on Istio 1.31. */
export const sendingSince = "1.29";

/** Why a name cannot be that of a collector's Service; undefined when it can. */
export function checkCollector(service: string): NameProblem | undefined {
  const repaired = /^([a-z0-9-]+)\.([a-z0-9-]+)(\.svc)?\.?$/.exec(service);
  const full = repaired === null ? undefined : `${repaired[1]}.${repaired[2]}.svc.cluster.local`;
  return collectorService(service) !== undefined
    ? undefined
    : {
        problem: "Not the full name of a Service",
        allowed: "SERVICE.NAMESPACE.svc.cluster.local, as otel-collector.monitoring.svc.cluster.local",
        ...(full === undefined || collectorService(full) === undefined ? {} : { fix: `write ${full}` }),
      };
}

/** What an operator is to know of where the log goes, a sentence each, without a full stop. */
export function logSteps({ logs, mesh, gateway }: Pick<StackConfig, "logs" | "mesh" | "gateway">): string[] {
  const collector = logs.openTelemetry;
  if (collector === undefined) {
    return [];
  }
  const { port, podPort } = collectorPorts(collector);
  const { namespace } = collectorService(collector.service)!;
  return [
    `gateways send each line of their log to ${collector.service}:${port} as well, by OTLP over gRPC in plain text: pods of ${namespace} are open to the gateways of ${gateway.namespace} on port ${podPort}, as far as this stack goes`,
    "what sidecars refuse is in their own log only: egress logs reads both",
    ...(mesh.kind === "existing"
      ? [`gateways have to be of Istio ${sendingSince} or later: an older Envoy refuses to be told of a collector`]
      : []),
  ];
}
