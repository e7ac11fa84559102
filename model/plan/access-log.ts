import { Manifest } from "../ground/manifest";
import { commonLabels } from "./metadata";

/**
 * What a gateway writes about a call, one JSON object a line, on its standard output. Names of fields are ours, values
 * Envoy's; a field that does not apply is null. Queries of URLs are left out, as they may hold secrets.
 *
 * Source: Envoy's documentation, "Access logging: Command Operators".
 */
const common = {
  time: "%START_TIME%",
  identity: "%DOWNSTREAM_PEER_URI_SAN%",
  flags: "%RESPONSE_FLAGS%",
  // The address that was dialled; Envoy's UPSTREAM_HOST is the one that was chosen, and an answer may have several.
  upstream: "%UPSTREAM_REMOTE_ADDRESS%",
  client: "%DOWNSTREAM_REMOTE_ADDRESS%",
  received: "%BYTES_RECEIVED%",
  sent: "%BYTES_SENT%",
  milliseconds: "%DURATION%",
};

const formats = {
  http: {
    ...common,
    protocol: "http",
    host: "%REQ(:AUTHORITY)%",
    method: "%REQ(:METHOD)%",
    path: "%PATH(NQ:PATH)%",
    status: "%RESPONSE_CODE%",
    reason: "%RESPONSE_CODE_DETAILS%",
    request: "%REQ(X-REQUEST-ID)%",
  },
  https: {
    ...common,
    protocol: "https",
    host: "%REQUESTED_SERVER_NAME%",
    reason: "%CONNECTION_TERMINATION_DETAILS%",
  },
};

/** The access log of a gateway: over HTTP a line for each request, over TLS one for each connection, at its end. */
export function accessLog(protocol: keyof typeof formats): Record<string, unknown>[] {
  return [
    {
      name: "envoy.access_loggers.file",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
        path: "/dev/stdout",
        log_format: { json_format: formats[protocol] },
      },
    },
  ];
}

/** No second line about each call, in whatever format the mesh has for all of its proxies: its provider is `envoy`. */
export function silentDefaultLog(namespace: string): Manifest {
  return {
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: { name: "access-log", namespace, labels: commonLabels() },
    spec: { accessLogging: [{ providers: [{ name: "envoy" }], disabled: true }] },
  };
}
