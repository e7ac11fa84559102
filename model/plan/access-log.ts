import { Manifest } from "../ground/manifest";
import { onlyWhen } from "./gateway-envoy";
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
  // What the name resolved to first, where no connection came about.
  tried: "%UPSTREAM_HOST%",
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
    stage: "policies",
    host: "%REQUESTED_SERVER_NAME%",
    reason: "%CONNECTION_TERMINATION_DETAILS%",
  },
  /** A connection to a port of a destination's own, asked for by CONNECT: `host` has the port in it. */
  tcp: {
    ...common,
    protocol: "tcp",
    host: "%REQ(:AUTHORITY)%",
    method: "%REQ(:METHOD)%",
    status: "%RESPONSE_CODE%",
    reason: "%RESPONSE_CODE_DETAILS%",
  },
};

/** The address and port that an application has dialled, told where the name does not say it all, or there is none. */
const dialled = { address: "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%", port: "%DOWNSTREAM_LOCAL_PORT%" };

/** Who a sidecar is, as it knows it from its pod's environment. */
export const identityAtHome =
  "spiffe://%ENVIRONMENT(TRUST_DOMAIN)%/ns/%ENVIRONMENT(POD_NAMESPACE)%/sa/%ENVIRONMENT(SERVICE_ACCOUNT)%";

/** What a sidecar writes of what it refuses. */
const atHome = {
  identity: identityAtHome,
  stage: "sidecar",
  verdict: "refused",
};

/** Envoy's `access_log`. */
export type AccessLog = Record<string, unknown>[];

/** What a listener behind the gateway's port logs in another way: its name, and filter state that it is told of a call. */
export interface Behind {
  stage: "same-name" | "forward";
  identity: string;
  client: string;
  name: string;
}

/**
 * The access log of a gateway: over HTTP a line for each request, over TLS and TCP one for each connection, at its end.
 *
 * @param behind for a listener behind the one that the caller has connected to
 */
export function accessLog(protocol: keyof typeof formats, behind?: Behind): AccessLog {
  return [fileLog(told(protocol, behind))];
}

/** The same, of connections only that go no further: the listener that a connection is handed on to writes its line. */
export function accessLogOfRefusals(protocol: keyof typeof formats, behind?: Behind): AccessLog {
  return [{ ...fileLog(told(protocol, behind)), filter: onlyWhen("!has(upstream.address)") }];
}

/** A sidecar's line, of calls only that it refuses itself. */
export function logOfRefusalsAtHome(protocol: keyof typeof formats, expression: string): AccessLog[number] {
  return { ...fileLog({ ...asDialled(protocol), ...atHome }), filter: onlyWhen(expression) };
}

/** The fields of a call where nobody has asked by CONNECT: then bytes have no name. */
function asDialled(protocol: keyof typeof formats): Record<string, unknown> {
  const { host: _, ...nameless } = formats.https;
  return { ...(protocol === "tcp" ? { ...nameless, protocol } : formats[protocol]), ...dialled };
}

/**
 * The observer's lines: of what would be denied and is let pass, over HTTP one for each request, else one for each
 * connection, at its end; or of a connection that it refuses.
 *
 * @param identity filter state that names the caller
 */
export function logOfObserved(
  protocol: keyof typeof formats,
  { identity, verdict, expression }: { identity: string; verdict: "would be denied" | "refused"; expression?: string },
): AccessLog {
  const line = fileLog({
    ...asDialled(protocol),
    identity: `%FILTER_STATE(${identity}:PLAIN)%`,
    stage: "observer",
    verdict,
  });
  return [expression === undefined ? line : { ...line, filter: onlyWhen(expression) }];
}

function told(protocol: keyof typeof formats, behind: Behind | undefined): Record<string, unknown> {
  const format = formats[protocol];
  const state = (key: string) => `%FILTER_STATE(${key}:PLAIN)%`;
  return behind === undefined
    ? format
    : {
        ...format,
        stage: behind.stage,
        identity: state(behind.identity),
        client: state(behind.client),
        host: state(behind.name),
        // Below a wildcard it is another one, and the only one that tells which host is meant.
        inner: "%REQUESTED_SERVER_NAME%",
      };
}

function fileLog(format: Record<string, unknown>): Record<string, unknown> {
  return {
    name: "envoy.access_loggers.file",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
      path: "/dev/stdout",
      log_format: { json_format: format },
    },
  };
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
