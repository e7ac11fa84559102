import { AllowRule, PortProtocol, StackConfig } from "../config/types";
import { meshTraits } from "../config/mesh-traits";
import { spiffeId } from "../ground/names";
import { privateAnswer } from "../plan/gateway-private-answers";
import { workloadKey } from "../ground/workload-key";
import { LogEntry } from "./entry";
import { Expectation, expectationOf } from "./expectation";

/** Whose log an entry was read from. */
export interface GatewayPod {
  /** Name of the gateway. */
  gateway: string;
  pod: string;
}

/** What a gateway did with one call, and what the configuration says of it. */
export interface Decision extends GatewayPod {
  /** When the call, or with https and tcp the connection, began: ISO 8601, in UTC, with milliseconds. */
  time: string;
  /**
   * `namespace/workload`; the identity where it is no workload of the stack; the address where the caller showed none.
   */
  from: string;
  /** The caller's SPIFFE ID. */
  identity?: string;
  /** `tcp` for a port of a destination's own, whatever was spoken there. */
  protocol: PortProtocol;
  /**
   * The Host header or the SNI, in lower case and without the port that goes without saying; with tcp, host and port. Empty
   * where none was sent.
   */
  host: string;
  /** Whether the gateway let it pass. What came of it then, status and flags say. */
  allowed: boolean;
  /**
   * Whether the configuration says the same; null for a call that ended before anything passed: the gateway may not
   * have decided on it, and `allowed` is what the configuration says.
   */
  ok: boolean | null;
  /** The rule that grants the call now. */
  rule?: AllowRule;
  /** Why it was denied, or why gateway and configuration differ, as a sentence without a full stop. */
  because?: string;
  /** Address and port that the gateway was connected to, or, where it failed to connect, tried first. */
  upstream?: string;
  /** Status of the HTTP response; none with https, where the gateway cannot see it; with tcp, the gateway's own word. */
  status?: number;
  /** Envoy's short words for what went wrong, such as `UF`, with commas. */
  flags?: string;
  /** Bytes from the caller, and to it. */
  received?: number;
  sent?: number;
  method?: string;
  /** Path of the URL, without its query. */
  path?: string;
  /** The request's X-Request-Id. */
  request?: string;
}

/** The reader of a stack's log entries. It remembers what the configuration says, as calls are mostly alike. */
export function decider(config: StackConfig): (entry: LogEntry, place: GatewayPod) => Decision {
  const mesh = meshTraits(config.mesh);
  const workloads = new Map(
    config.workloads.map((workload) => [
      spiffeId(mesh, workload.namespace, workload.serviceAccount),
      workloadKey(workload),
    ]),
  );
  const expectations = new Map<string, Expectation>();

  return (entry, place) => {
    const { identity, protocol, flags, received, sent } = entry;
    const upstream = entry.upstream ?? entry.tried;
    const workload = identity === null ? undefined : workloads.get(identity);
    const host = hostOf(entry);
    const key = JSON.stringify([workload, protocol, host, place.gateway]);
    const expectation =
      expectations.get(key) ?? expectationOf(config, { workload, protocol, host, gateway: place.gateway });
    expectations.set(key, expectation);
    return {
      time: entry.time,
      from: workload ?? identity ?? entry.client ?? "unknown",
      protocol,
      host,
      ...judge(entry, expectation),
      ...place,
      ...told({ identity, upstream, flags, received, sent }),
      ...(entry.protocol === "http" ? told(httpAlone(entry)) : {}),
      ...(entry.protocol === "tcp" ? told({ status: entry.status }) : {}),
    };
  };
}

function judge(entry: LogEntry, { rule, because }: Expectation): Pick<Decision, "allowed" | "ok" | "rule" | "because"> {
  const granted = rule === undefined ? {} : { rule };
  const behindPolicies = refusalBehindPolicies(entry);
  if (behindPolicies !== undefined) {
    return { ...granted, allowed: false, ...behindPolicies };
  }
  if (isRefused(entry)) {
    return rule === undefined
      ? { allowed: false, ok: true, because }
      : {
          ...granted,
          allowed: false,
          ok: false,
          because: `${rule.path} grants it now: the call is older than the rule, or the rule is not applied yet`,
        };
  }
  if (nothingPassed(entry)) {
    const why = [
      entry.identity === null ? "the caller showed no identity" : "it ended before anything passed",
      ...(entry.reason === null ? [] : [entry.reason]),
      ...(entry.identity === null || rule !== undefined ? [] : [because]),
    ];
    return { ...granted, allowed: rule !== undefined, ok: null, because: why.join("; ") };
  }
  return rule === undefined
    ? {
        allowed: true,
        ok: false,
        because: `no rule grants it now: ${because}; the call is older than the configuration, or another one is applied`,
      }
    : { ...granted, allowed: true, ok: true };
}

/** Why the gateway refused what its policies had let pass; undefined where it did not. */
function refusalBehindPolicies(entry: LogEntry): { ok: boolean; because: string } | undefined {
  if (!isRefused(entry)) {
    return undefined;
  }
  const name = hostOf(entry);
  if (entry.reason!.endsWith(`[${privateAnswer}]`)) {
    const because = `${name} resolves to an address that is not public, and gateways forward to none of these`;
    return { ok: false, because };
  }
  return entry.protocol === "https" && entry.stage === "same-name"
    ? { ok: true, because: `the TLS inside asks for another name than ${name}, or for none` }
    : undefined;
}

/** What tells of an entry how its call ended. */
export type Ending = Pick<LogEntry, "host" | "reason" | "upstream" | "received" | "sent"> & {
  protocol: string;
  stage?: string | null;
  status?: number | null;
};

/** Whether one of the gateway's rules refused it, in the words of Envoy's RBAC filters. */
export function isRefused(entry: Ending): boolean {
  const byPolicy = entry.reason?.startsWith("rbac_access_denied") ?? false;
  return byPolicy && (entry.protocol === "https" || entry.status === 403);
}

/**
 * Whether a call that was not refused ended before it can be told that it was let pass. The policies are asked at the
 * first byte of a connection, or at the whole head of a request, which Envoy turns away itself when it is malformed.
 */
export function nothingPassed(entry: Ending): boolean {
  if (entry.protocol === "https") {
    return entry.stage !== "forward" && (entry.received ?? 0) === 0 && (entry.sent ?? 0) === 0;
  }
  const { status } = entry;
  const turnedAway = status !== null && status !== undefined && status >= 400 && status < 500;
  return entry.host === null || (entry.upstream === null && turnedAway);
}

function hostOf({ protocol, host }: LogEntry): string {
  const lower = (host ?? "").toLowerCase();
  return protocol === "http" ? lower.replace(/:80$/, "") : lower;
}

function httpAlone({ status, method, path, request }: Extract<LogEntry, { protocol: "http" }>) {
  return { status, method, path, request };
}

/** The fields that are not null. */
function told<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const values = Object.entries(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(values) as { [K in keyof T]?: NonNullable<T[K]> };
}
