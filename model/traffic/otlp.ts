import { isObject } from "../ground/objects";

type Fields = Record<string, unknown>;

/**
 * The records in a line of OpenTelemetry's own JSON, as its collector's file exporter writes it, each as an envelope of a
 * log store: `body` and `log` have what the record's body and its attributes say, the rest when it was.
 *
 * Source: OpenTelemetry's specification, "OTLP: JSON Protobuf Encoding"; opentelemetry-proto, logs/v1 and common/v1.
 */
export function otlpRecords(resourceLogs: readonly unknown[]): Fields[] {
  const scopes = resourceLogs.flatMap((resource) => listOf(resource, "scopeLogs"));
  return scopes
    .flatMap((scope) => listOf(scope, "logRecords"))
    .filter(isObject)
    .map((record) => ({
      time: record.timeUnixNano,
      receiveTimestamp: record.observedTimeUnixNano,
      body: plain(record.body),
      log: pairs(record.attributes),
    }));
}

function listOf(value: unknown, key: string): unknown[] {
  const list = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? (list as unknown[]) : [];
}

/** A value that says of which kind it is, without that: `{"stringValue": "x"}` is a text. */
function plain(value: unknown): unknown {
  if (!isObject(value)) {
    return undefined;
  }
  if (isObject(value.kvlistValue)) {
    return pairs(value.kvlistValue.values);
  }
  // Whole numbers are texts in this JSON.
  const { stringValue, boolValue, intValue, doubleValue } = value;
  return stringValue ?? boolValue ?? (intValue === undefined ? doubleValue : Number(intValue));
}

function pairs(list: unknown): Fields {
  const entries = (Array.isArray(list) ? (list as unknown[]) : []).flatMap((pair) =>
    isObject(pair) && typeof pair.key === "string" ? [[pair.key, plain(pair.value)] as const] : [],
  );
  return Object.fromEntries(entries);
}
