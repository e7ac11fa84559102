import { isObject } from "../ground/objects";
import { calledName, Ending, isRefused, nothingPassed } from "../access-log";
import { defaultPort, protocols } from "../ground/protocols";
import { otlpRecords } from "./otlp";

/** What became of a call; `unclear` where it ended before anybody had to decide on it. */
export type Outcome = "passed" | "refused" | "would be denied" | "unclear";

/** One call, or several that are alike, as a proxy of the mesh has logged it. */
export interface RecordedCall {
  /** Milliseconds since 1970; undefined where the line has no time that can be read. */
  first?: number;
  last?: number;
  /** How many calls the line stands for: one, unless it is of a recording that sums up. */
  calls: number;
  /** The caller's SPIFFE ID; undefined for a caller that showed none. */
  identity?: string;
  /** As it was logged: `http`, `https`, or what else there may be. */
  protocol: string;
  /** In lower case, without a port; empty where the call has no name. */
  host: string;
  /** The port that was called, where the line tells. @default that of the protocol */
  port?: number;
  outcome: Outcome;
}

/** A call as a URL, without the port that goes without saying. */
export function callUrl({ protocol, host, port }: Pick<RecordedCall, "protocol" | "host" | "port">): string {
  const own = protocols.find((known) => known === protocol);
  const isUsual = port === undefined || (own !== undefined && port === defaultPort(own));
  return `${protocol}://${host}${isUsual ? "" : `:${port}`}`;
}

/** A line that is no call: it begins as JSON does and is none, or is of another kind. */
export type NoCall = "cut off" | "something else";

/** How far into a line its JSON may begin: behind a time, a stream's name or a pod's, as log readers put them there. */
const longestPrefix = 400;

/** Envelopes that are opened, one within another: a collector's in a log store's is two. */
const mostEnvelopes = 8;

/**
 * Reads a line of a log: one object of JSON, as a proxy writes it, or in the envelope of a log store: Cloud Logging's
 * LogEntry with `jsonPayload` or `textPayload`; Loki's `{labels, line, timestamp}`, as logcli writes it with
 * `--output=jsonl` or unasked, or an answer of Loki's API; OpenTelemetry's own JSON; what a collector puts around a line, under
 * `log`, `message`, `body` or `_raw`.
 * Fields that are not there count as null, and so does `-`, which stands for that where all values are texts, as in
 * OpenTelemetry.
 *
 * @param into called with each call in it: one, but for an answer of Loki's API and for OpenTelemetry's records
 * @returns undefined where there was one
 */
export function readRecorded(line: string, into: (call: RecordedCall) => void): NoCall | undefined {
  return readLine(line, into, mostEnvelopes);
}

/** A stream's labels before the line, as logcli puts them there: `{app="shop", pod="a"} `. */
const streamLabels = /^\{(?:[A-Za-z_]\w*="(?:[^"\\]|\\.)*",? ?)*\}\s+(?=\{)/;

function readLine(line: string, into: (call: RecordedCall) => void, envelopes: number): NoCall | undefined {
  const begin = line.indexOf("{");
  if (begin === -1 || begin > longestPrefix) {
    return "something else";
  }
  let value: unknown;
  try {
    value = JSON.parse((begin === 0 ? line : line.slice(begin)).replace(streamLabels, ""));
  } catch {
    return "cut off";
  }
  return isObject(value) && readValue(value, undefined, into, envelopes) ? undefined : "something else";
}

/** @param stamp the time that an envelope gives, for a line that has lost its own */
function readValue(value: Fields, stamp: unknown, into: (call: RecordedCall) => void, envelopes: number): boolean {
  if (typeof value.protocol === "string" && "identity" in value) {
    into(callOf(value, stamp));
    return true;
  }
  if (envelopes === 0) {
    return false;
  }
  const own = stamps.map((key) => value[key]).find((each) => timeOf(each) !== undefined) ?? stamp;
  for (const key of contents) {
    const content = value[key];
    const isCall =
      typeof content === "string"
        ? readLine(content, (call) => into(timed(call, own)), envelopes - 1) === undefined
        : isObject(content) && readValue(content, own, into, envelopes - 1);
    if (isCall) {
      return true;
    }
  }
  const { data, resourceLogs } = value;
  if (Array.isArray(resourceLogs)) {
    const read = otlpRecords(resourceLogs).map((record) => readValue(record, undefined, into, envelopes - 1));
    return read.includes(true);
  }
  return isObject(data) && Array.isArray(data.result) && readStreams(data.result, into, envelopes - 1);
}

/** Where envelopes have what they are around: as a text, or as an object where they have read it. */
const contents = ["jsonPayload", "textPayload", "line", "log", "message", "body", "_raw"] as const;

/** Where envelopes have a time, the one of the log itself before that of its way. */
const stamps = ["timestamp", "@timestamp", "time", "_time", "date", "receiveTimestamp"] as const;

function readStreams(streams: unknown[], into: (call: RecordedCall) => void, envelopes: number): boolean {
  let found = false;
  for (const stream of streams) {
    const values: unknown[] = isObject(stream) && Array.isArray(stream.values) ? stream.values : [];
    for (const pair of values) {
      const [stamp, line] = (Array.isArray(pair) ? pair : []) as unknown[];
      const isCall =
        typeof line === "string" && readLine(line, (call) => into(timed(call, stamp)), envelopes) === undefined;
      found ||= isCall;
    }
  }
  return found;
}

type Fields = Record<string, unknown>;

function callOf(value: Fields, stamp: unknown): RecordedCall {
  const { host, port } = placeOf(value);
  const last = timeOf(value.last) ?? timeOf(value.time) ?? timeOf(stamp);
  const calls =
    typeof value.calls === "number" && Number.isSafeInteger(value.calls) && value.calls > 0 ? value.calls : 1;
  return {
    first: timeOf(value.first) ?? last,
    last,
    calls,
    identity: text(value.identity) ?? undefined,
    protocol: value.protocol as string,
    host,
    port,
    outcome: outcomeOf(value),
  };
}

function timed(call: RecordedCall, stamp: unknown): RecordedCall {
  if (call.last !== undefined) {
    return call;
  }
  const time = timeOf(stamp);
  return { ...call, first: time, last: time };
}

/** ISO 8601, in UTC where it names no zone; or a number since 1970, which by its size is of seconds to nanoseconds. */
function timeOf(written: unknown): number | undefined {
  if (typeof written === "number" || (typeof written === "string" && /^\d{1,20}(\.\d+)?$/.test(written))) {
    const number = Number(written);
    const [, parts] = sinceEpoch.find(([from, , below]) => number >= from && number < below) ?? [];
    return parts === undefined ? undefined : Math.round(number / parts);
  }
  if (typeof written !== "string") {
    return undefined;
  }
  const time = Date.parse(/^\d{4}-\d\d-\d\d[T ][\d:.]+$/.test(written) ? `${written}Z` : written);
  return Number.isNaN(time) ? undefined : time;
}

/** Seconds, milliseconds, microseconds and nanoseconds: from which number on, how many are a millisecond, and below which. */
const sinceEpoch = [
  [1e9, 1e-3, 1e10],
  [1e12, 1, 1e13],
  [1e15, 1e3, 1e16],
  [1e18, 1e6, 1e19],
] as const;

/** The name, or the address without one, and the port: a Host header may have its own, and a final dot means nothing. */
function placeOf({ protocol, host: logged, stage, inner, address, port }: Fields): { host: string; port?: number } {
  const named = calledName({
    protocol: String(protocol),
    host: text(logged),
    stage: text(stage),
    inner: text(inner),
  });
  const whole = (text(logged) === null ? (text(address) ?? "") : named).toLowerCase();
  const colon = whole.lastIndexOf(":");
  const behind = colon === -1 || whole.endsWith("]") ? "" : whole.slice(colon + 1);
  const isPort = /^\d{1,5}$/.test(behind) && whole.indexOf(":") === colon;
  const host = (isPort ? whole.slice(0, colon) : whole).replace(/\.$/, "");
  const given = typeof port === "string" ? Number(port) : port;
  return {
    host,
    port: typeof given === "number" && given > 0 ? given : isPort ? Number(behind) : undefined,
  };
}

/** What the line says became of the call: in a word of its own, or in those of Envoy's filters. */
function outcomeOf(value: Fields): Outcome {
  const said = value.verdict ?? value.outcome ?? value.stage;
  const word = typeof said === "string" ? words.get(said) : undefined;
  if (word !== undefined) {
    return word;
  }
  const entry: Ending = {
    protocol: String(value.protocol),
    stage: text(value.stage),
    host: text(value.host),
    reason: text(value.reason),
    upstream: text(value.upstream),
    status: count(value.status),
    received: count(value.received),
    sent: count(value.sent),
  };
  return isRefused(entry) ? "refused" : nothingPassed(entry) ? "unclear" : "passed";
}

const words = new Map<string, Outcome>([
  ["passed", "passed"],
  ["allowed", "passed"],
  ["refused", "refused"],
  ["denied", "refused"],
  // A sidecar writes down only what it refuses.
  ["sidecar", "refused"],
  ["would be denied", "would be denied"],
  ["unclear", "unclear"],
]);

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value !== "-" ? value : null;
}

function count(value: unknown): number | null {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" ? number : null;
}
