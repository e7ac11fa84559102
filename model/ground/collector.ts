import { serviceOfHost } from "./names";

/** A collector of OpenTelemetry's, to which gateways send their log: OTLP over gRPC, in plain text. */
export interface Collector {
  /** Full name of its Service, as `otel-collector.monitoring.svc.cluster.local`. */
  service: string;
  /** Port of the Service. @default 4317 */
  port?: number | undefined;
  /** Port on which the pods behind the Service listen, which NetworkPolicies see. @default the Service's */
  podPort?: number | undefined;
}

/** Where OTLP over gRPC is listened for, by its specification. */
export const defaultCollectorPort = 4317;

/** The ports of a collector with their defaults. */
export function collectorPorts({ port = defaultCollectorPort, podPort = port }: Collector): {
  port: number;
  podPort: number;
} {
  return { port, podPort };
}

/** The name and namespace of the collector's Service; undefined where it is not the full name of one. */
export function collectorService(service: string): { service: string; namespace: string } | undefined {
  const found = serviceOfHost(service);
  const isLabel = (text: string) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
  return found === undefined || found.pod !== undefined || !isLabel(found.service) || !isLabel(found.namespace)
    ? undefined
    : { service: found.service, namespace: found.namespace };
}
