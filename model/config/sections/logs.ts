import { collectorService } from "../../ground/collector";
import { forwardingOf } from "../../ground/forwarding";
import { checkCollector, sendingSince } from "../logs";
import { meshTraits } from "../mesh-traits";
import { configPath } from "../problem";
import { logsSchema } from "../schema";
import { readFields, Report } from "../shape";
import { LogsConfig, StackConfig } from "../types";
import { isBefore } from "./metrics";

type Context = Pick<StackConfig, "mesh" | "gateway" | "namespaces">;

export function readLogs(raw: unknown, { mesh, gateway, namespaces }: Context, report: Report): LogsConfig {
  const { sound } = readFields(logsSchema, raw ?? {}, ["logs"], report);
  const { openTelemetry: collector } = sound;
  if (collector === undefined) {
    return {};
  }
  const path = configPath("logs", "openTelemetry");
  if (!forwardingOf(meshTraits(mesh)).hasLog) {
    report({
      path,
      value: collector,
      problem: "Gateways send their log by an EnvoyFilter, and this mesh takes none",
      allowed: `in a mesh that takes EnvoyFilters: ${configPath("mesh", "kind")}: istio, or existing`,
      fix: "remove it, and send the mesh's own access log, by its Telemetry API",
    });
  } else if (mesh.kind === "istio" && isBefore(mesh.version, sendingSince)) {
    report({
      path,
      value: collector,
      problem: `Envoy of Istio ${mesh.version} may not know how to send its log, and would refuse its configuration`,
      allowed: `with Istio ${sendingSince} or later`,
      fix: `update ${configPath("mesh", "version")}, or remove it`,
    });
  }
  reportService(collector.service, { gateway, namespaces }, report);
  return { openTelemetry: collector };
}

/** A collector that gateways cannot reach would be found out by missing lines only. */
function reportService(service: string, { gateway, namespaces }: Omit<Context, "mesh">, report: Report): void {
  const path = configPath("logs", "openTelemetry", "service");
  const malformed = checkCollector(service);
  const namespace = collectorService(service)?.namespace;
  if (malformed !== undefined) {
    report({ path, value: service, ...malformed });
  } else if (namespace === gateway.namespace || namespaces.some(({ name }) => name === namespace)) {
    report({
      path,
      value: service,
      problem:
        namespace === gateway.namespace
          ? "The gateways have this namespace to themselves"
          : "The namespace is guarded: its pods take mutual TLS only, and the log is sent in plain text",
      allowed: "a Service in a namespace that is neither guarded nor the gateways'",
      fix: "run the collector in a namespace of its own",
    });
  }
}
