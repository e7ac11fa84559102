import { endOf } from "../config/date";
import { opensTls } from "../config/traits/told";
import { AllowRule, PortProtocol, StackConfig } from "../config/types";
import { isReported, reportedBecause } from "../config/reporting";
import { ambiguousPathName, HttpRequest } from "../ground/origination";
import { callersOf } from "../grants";
import { defaultPort } from "../ground/protocols";
import { endedAccess } from "../plan/gateway-ends";
import { noPlainAddress } from "../plan/gateway-addresses";
import { addressDenied, noAddress, privateAnswer } from "../plan/gateway-private-answers";
import { listNames } from "../ground/suggest";
import { LogEntry } from "./entry";
import { Expectation, expectationOf } from "./expectation";
import { nameDecision, RefusedName } from "./names";

/** Whose log an entry was read from: a pod of a gateway, one with a sidecar, or the stack's resolver. */
export interface LogPlace {
  /** Name of the gateway; absent for a sidecar and for the resolver. */
  gateway?: string;
  /** Of the resolver: who has which address, as `namespace/workload`; absent for the others. */
  callers?: ReadonlyMap<string, string>;
  namespace: string;
  pod: string;
}

/** What a gateway did with one call, or the caller's sidecar, and what the configuration says of it. */
export interface Decision extends Omit<LogPlace, "callers"> {
  /** Where it was decided: a sidecar writes down only what it refuses, and so does the resolver. */
  at: "gateway" | "sidecar" | "observer" | "resolver";
  /** When the call, or with https and tcp the connection, began: ISO 8601, in UTC, with milliseconds. */
  time: string;
  /**
   * `namespace/workload`; the identity where it is no workload of the stack; the address where the caller showed none.
   */
  from: string;
  /** The caller's SPIFFE ID. */
  identity?: string;
  /**
   * `tcp` for a port of a destination's own, whatever was spoken there; at a sidecar for what has no name. `dns` for a name
   * that was looked up.
   */
  protocol: PortProtocol | "dns";
  /**
   * The Host header or the SNI, in lower case and without the port that goes without saying; with tcp, host and port, or
   * address and port where the call has no name. Empty where a gateway was sent none. Below a wildcard
   * the SNI is the application's own, or the wildcard where a gateway ended a call before it saw that.
   */
  host: string;
  /** Whether it was let pass. What came of it then, status and flags say. */
  allowed: boolean;
  /** That it was let pass because its caller is observed, or by a rule in report mode, and would be denied otherwise. */
  wouldBeDenied?: true;
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

/** Different calls that are remembered: names come from callers, and a log may be followed for weeks. */
const mostRemembered = 50_000;

/** The reader of a stack's log entries. It remembers what the configuration says, as calls are mostly alike. */
export function decider(config: StackConfig): (entry: LogEntry | RefusedName, place: LogPlace) => Decision {
  const callerOf = callersOf(config);
  const expectations = new Map<string, Expectation>();
  // Of other hosts' requests nothing but the host plays a part, and there may be as many as there are paths.
  const originated = new Set(
    config.destinations.flatMap((destination) => (opensTls(destination) ? destination.hosts : [])),
  );

  return (entry, place) => {
    if (entry.protocol === "dns") {
      return nameDecision(config, entry, place);
    }
    const { identity, protocol, flags, received, sent } = entry;
    const upstream = entry.upstream ?? entry.tried;
    const caller = identity === null ? undefined : callerOf(identity);
    const host = hostOf(entry);
    const at = placeOf(entry);
    const gateway = at === "observer" ? undefined : place.gateway;
    const request = requestOf(entry);
    const call = { caller, protocol, host, gateway, ...(originated.has(host) ? { request } : {}) };
    const key = JSON.stringify(call);
    const expectation = expectations.get(key) ?? expectationOf(config, call);
    if (expectations.size >= mostRemembered) {
      expectations.clear();
    }
    expectations.set(key, expectation);
    return {
      time: entry.time,
      at,
      from: (caller?.isWorkload ? caller.client : identity) ?? entry.client ?? "unknown",
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

/** What was asked of a host over http; undefined where the log does not tell. */
function requestOf(entry: LogEntry): HttpRequest | undefined {
  return entry.protocol === "http" && entry.method !== null && entry.path !== null
    ? { method: entry.method, path: entry.path }
    : undefined;
}

type Judgement = Pick<Decision, "allowed" | "ok" | "rule" | "because" | "wouldBeDenied">;

/** What the proxy has done, held against the configuration; of what a rule in report mode lets pass with a word more. */
function judge(entry: LogEntry, expectation: Expectation): Judgement {
  const judgement = judgeStrictly(entry, expectation);
  const { allowed, wouldBeDenied, rule, because } = judgement;
  if (!allowed || wouldBeDenied || rule === undefined || !isReported(rule)) {
    return judgement;
  }
  const why = [...(because === undefined ? [] : [because]), reportedBecause(rule)].join("; ");
  return { ...judgement, wouldBeDenied: true, because: why };
}

function judgeStrictly(entry: LogEntry, { rule, over, because, observed, ranges }: Expectation): Judgement {
  const granted = rule === undefined ? {} : { rule };
  switch (placeOf(entry)) {
    case "observer":
      return observedBy(entry, { rule, because, observed });
    case "sidecar":
      return observed && rule === undefined
        ? { allowed: false, ok: false, because: `${because}; nothing is refused to its caller now: the call is older` }
        : refusedBy(rule, because);
  }
  const ended = isRefused(entry) ? endedAccess(entry.reason!) : undefined;
  if (ended !== undefined) {
    const of = `access to ${ended.destination} ended at ${ended.until}, by itself`;
    return rule === undefined
      ? { allowed: false, ok: true, because: `${of}; ${because}` }
      : { rule, allowed: false, ok: false, because: `${of}; ${rule.path} grants it now, and is not applied yet` };
  }
  const behindPolicies = refusalBehindPolicies(entry, ranges);
  if (behindPolicies !== undefined) {
    return { ...granted, allowed: false, ...behindPolicies };
  }
  if (isRefused(entry)) {
    return refusedBy(rule, because);
  }
  if (nothingPassed(entry)) {
    const why = [
      entry.identity === null ? "the caller showed no identity" : "it ended before anything passed",
      ...(entry.reason === null ? [] : [entry.reason]),
      ...(entry.identity === null || rule !== undefined ? [] : [because]),
    ];
    return { ...granted, allowed: rule !== undefined, ok: null, because: why.join("; ") };
  }
  if (rule === undefined && over !== undefined && Date.parse(entry.time) < endOf(over.expires).getTime()) {
    return { rule: over, allowed: true, ok: true };
  }
  return rule === undefined
    ? {
        allowed: true,
        ok: false,
        because: `no rule grants it now: ${because}; the call is older than the configuration, or another one is applied`,
      }
    : { ...granted, allowed: true, ok: true };
}

/** What the observer has let pass, or refused because it leads inside. */
function observedBy(entry: LogEntry, { rule, because, observed }: Expectation): Judgement {
  if (entry.verdict === "refused") {
    const where = `${entry.address} is an address inside, or IPv6`;
    return {
      ...(rule === undefined ? {} : { rule }),
      allowed: false,
      ok: true,
      because: `${where}: that is refused to everybody`,
    };
  }
  const passed = { allowed: true, wouldBeDenied: true } as const;
  if (rule !== undefined) {
    const why = `${rule.path} grants it now: the call is older than the rule, or the rule is not applied yet`;
    return { ...passed, rule, ok: false, because: why };
  }
  const late = observed
    ? ""
    : "; its caller is observed no longer: the call is older, or the change is not applied yet";
  return { ...passed, ok: observed, because: `${because}${late}` };
}

function refusedBy(rule: AllowRule | undefined, because: string): Judgement {
  return rule === undefined
    ? { allowed: false, ok: true, because }
    : {
        rule,
        allowed: false,
        ok: false,
        because: `${rule.path} grants it now: the call is older than the rule, or the rule is not applied yet`,
      };
}

/** Who wrote it: the caller's own sidecar does so of what it refuses only. */
function placeOf({ stage }: LogEntry): Decision["at"] {
  return stage === "sidecar" || stage === "observer" ? stage : "gateway";
}

/** Why the gateway refused what its policies had let pass; undefined where it did not. */
function refusalBehindPolicies(
  entry: LogEntry,
  ranges: readonly string[] | undefined,
): { ok: boolean; because: string } | undefined {
  if (!isRefused(entry)) {
    return undefined;
  }
  const name = hostOf(entry);
  if (entry.reason!.endsWith(`[${privateAnswer}]`)) {
    const because =
      ranges === undefined
        ? `${name} resolves to an address that is not public, and gateways forward to none of these`
        : `${name} resolves to an address that is not in ${listNames(ranges)}, and leads nowhere else`;
    return { ok: false, because };
  }
  if (entry.reason!.startsWith(addressDenied)) {
    return { ok: false, because: `${name} resolves to private addresses, which are another destination's` };
  }
  if (entry.reason!.endsWith(`[${noAddress}]`)) {
    const because = `${name} resolves to no address, or to private ones of another destination`;
    return { ok: false, because };
  }
  if (entry.reason!.endsWith(`[${noPlainAddress}]`)) {
    return { ok: true, because: `${name} is no address, and only begins as one that is granted` };
  }
  if (entry.reason!.endsWith(`[${ambiguousPathName}]`)) {
    return {
      ok: true,
      because: "servers read such a path in several ways, and gateways that open TLS let none of these pass",
    };
  }
  if (entry.protocol !== "https" || entry.stage !== "same-name") {
    return undefined;
  }
  const wildcard = wildcardOf(entry);
  return {
    ok: true,
    because:
      wildcard === undefined
        ? `the TLS inside asks for another name than ${name}, or for none`
        : `the TLS inside asks for ${name || "no name"}, which ${wildcard} does not hold`,
  };
}

/** The wildcard that an outer SNI stands for. */
function wildcardOf({ protocol, host, stage }: Pick<Ending, "protocol" | "host" | "stage">): string | undefined {
  return protocol === "https" && stage !== "sidecar" && host?.startsWith(".") === true
    ? `*${host.toLowerCase()}`
    : undefined;
}

/** What tells of an entry how its call ended. */
export type Ending = Pick<LogEntry, "host" | "reason" | "upstream" | "received" | "sent"> & {
  protocol: string;
  stage?: string | null;
  inner?: string | null;
  status?: number | null;
};

/** The name that was called, in lower case; below a wildcard the application's own, or the wildcard where none was seen. */
export function calledName(entry: Pick<Ending, "protocol" | "host" | "stage" | "inner">): string {
  const wildcard = wildcardOf(entry);
  const isBehind = entry.stage === "same-name" || entry.stage === "forward";
  return (wildcard === undefined ? (entry.host ?? "") : isBehind ? (entry.inner ?? "") : wildcard).toLowerCase();
}

/** Whether one of the gateway's rules refused it, in the words of Envoy's RBAC filters, or of its look-ups. */
export function isRefused(entry: Ending): boolean {
  const byPolicy = ["rbac_access_denied", addressDenied].some((words) => entry.reason?.startsWith(words));
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

/** The name, and the port where it is not the one that goes without saying; where it has no name, what was dialled. */
function hostOf(entry: LogEntry): string {
  const { protocol, address, port } = entry;
  const lower = calledName(entry);
  if (protocol === "tcp") {
    return lower === "" && address !== null
      ? `${address.includes(":") ? `[${address}]` : address}:${port ?? ""}`
      : lower;
  }
  if (port === null || lower === "") {
    return protocol === "http" ? lower.replace(/:80$/, "") : lower;
  }
  // What a sidecar holds a call against is the port that was dialled, not the one in the Host header.
  return `${lower.replace(/:\d+$/, "")}${port === defaultPort(protocol) ? "" : `:${port}`}`;
}

function httpAlone({ status, method, path, request }: Extract<LogEntry, { protocol: "http" }>) {
  return { status, method, path, request };
}

/** The fields that are not null. */
function told<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const values = Object.entries(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(values) as { [K in keyof T]?: NonNullable<T[K]> };
}
