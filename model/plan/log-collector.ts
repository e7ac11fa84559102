import { Collector, collectorPorts } from "../ground/collector";
import { Manifest } from "../ground/manifest";
import { isObject } from "../ground/objects";
import { AccessLog } from "./access-log";
import { GatewayArgs } from "./args";
import { clusterByName, type } from "./gateway-envoy";

/** Envoy's name for the cluster that dials the collector: it is no host of a destination's. */
const collectorCluster = "egress-log-collector";

/**
 * The same EnvoyFilter, by which each line that it has written to the standard output goes to the collector as well: at
 * the same places, under the same conditions, with the same fields.
 *
 * Istio's own provider, `envoyOtelAls` with a Telemetry object, cannot be that: it adds a logger to listeners that istiod
 * makes, and who called is known only to those behind them, which this EnvoyFilter adds; its fields are one format for
 * the whole mesh, with queries of URLs in it; and a Service that istiod does not discover is none to it.
 *
 * The cluster is the filter's own for the last of these, and because Envoy refuses a listener whose log goes to a cluster
 * that is not there. A collector that does not answer costs lines, and never a call.
 */
export function alsoToCollector(
  filter: Manifest,
  of: Pick<GatewayArgs, "name" | "namespace">,
  to: Collector,
): Manifest {
  const { configPatches, ...spec } = filter.spec as { configPatches: unknown[] };
  return {
    ...filter,
    spec: { ...spec, configPatches: [dialCollector(to), ...configPatches.map((patch) => withTwins(patch, of))] },
  };
}

/** Each access log of what is inside, with a twin beside every logger that writes lines. */
function withTwins(value: unknown, of: Pick<GatewayArgs, "name" | "namespace">): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withTwins(item, of));
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key,
          key === "access_log"
            ? (inner as AccessLog).flatMap((logger) => [logger, ...twinOf(logger, of)])
            : withTwins(inner, of),
        ]),
      )
    : value;
}

/** Loggers that count have none. A field that does not apply is `-`, as OTLP's values are texts here. */
function twinOf(
  { name, typed_config, ...condition }: AccessLog[number],
  { name: gateway, namespace }: Pick<GatewayArgs, "name" | "namespace">,
): AccessLog {
  if (name !== "envoy.access_loggers.file") {
    return [];
  }
  const { log_format } = typed_config as { log_format: { json_format: Record<string, string> } };
  return [
    {
      name: "envoy.access_loggers.open_telemetry",
      typed_config: {
        "@type": type("access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig"),
        log_name: "istio-egress",
        grpc_service: { envoy_grpc: { cluster_name: collectorCluster }, timeout: "5s" },
        resource_attributes: keyValues({ "service.name": gateway, "k8s.namespace.name": namespace }),
        // As the body, and not as attributes: log stores keep the body as one line, which then has all of it.
        body: { kvlist_value: keyValues(log_format.json_format) },
      },
      ...condition,
    },
  ];
}

function keyValues(fields: Record<string, string>): Record<string, unknown> {
  return { values: Object.entries(fields).map(([key, text]) => ({ key, value: { string_value: text } })) };
}

/** By its name in the cluster, which the gateway's pods look up as any other. */
function dialCollector(to: Collector): Record<string, unknown> {
  return clusterByName(
    collectorCluster,
    { host: to.service, port: collectorPorts(to).port },
    {
      typed_extension_protocol_options: {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
          "@type": type("upstreams.http.v3.HttpProtocolOptions"),
          explicit_http_config: {
            http2_protocol_options: {
              // A pod that is gone without a word would be written to for a quarter of an hour.
              connection_keepalive: { interval: "10s", timeout: "5s" },
            },
          },
        },
      },
    },
  );
}
