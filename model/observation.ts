import { Verdict } from "./verdict";

/** What curl told of one call, made from inside a workload's container. */
export interface Reply {
  /** curl's exit code. */
  exitCode: number;
  /** Status of the HTTP response; 0 when there was none. */
  status: number;
  /** Length of the body, in bytes. */
  bodySize: number;
  /** Whether the response names a time that its sender waited for an upstream: a proxy's own answers do not. */
  hasUpstreamTime: boolean;
  /** Whether the response calls its sender `envoy`, as a sidecar does for whatever it hands on. */
  fromEnvoy: boolean;
}

/**
 * What a call showed, in a reader's words, and which verdict it bears out; `unclear` bears out neither, and `nothing` is of
 * a call that was not made.
 */
export interface Observation {
  seen: string;
  shows: "allow" | "deny" | "unclear" | "nothing";
}

/** What is asked for: the host, or of one that lets some paths pass only, one of these. */
export function probeUrl({ url, request }: Pick<Verdict, "url" | "request">): string {
  const path = request?.path ?? "/";
  return path === "/" ? url : `${url}${path}`;
}

/** curl's options for what is asked for, as a request that changes nothing may have another method than GET. */
export function probeMethod({ request }: Pick<Verdict, "request">): string[] {
  const method = request?.method ?? "GET";
  return method === "GET" ? [] : method === "HEAD" ? ["--head"] : ["--request", method];
}

/** Length of `RBAC: access denied`, the body of a refusal by the gateway's policies. */
const refusalSize = 19;

/** curl's exit codes, from its manual, for calls that get no response. */
const timedOut = 28;

const failures: Record<number, Observation> = {
  6: { seen: "name does not resolve", shows: "unclear" },
  7: { seen: "connection refused", shows: "deny" },
  [timedOut]: { seen: "timed out", shows: "unclear" },
  35: { seen: "TLS refused", shows: "deny" },
  51: { seen: "certificate not trusted", shows: "unclear" },
  52: { seen: "connection closed", shows: "deny" },
  56: { seen: "connection reset", shows: "deny" },
  60: { seen: "certificate not trusted", shows: "unclear" },
};

/**
 * How long a connection over TCP has to stay open to be told from one that is refused: longer than a gateway waits for a
 * host to accept. Seconds.
 */
export const openFor = 6;

/** curl's exit code where a name is not found. */
const notFound = 6;

/** A connection that stays open was let through to the host; one that is refused is closed before a byte has come. */
function classifyTcp({ exitCode, bodySize }: Reply): Observation {
  if (bodySize > 0) {
    return { seen: "greeted", shows: "allow" };
  }
  if (exitCode === 1) {
    return { seen: "no telnet in this curl", shows: "unclear" };
  }
  return exitCode === timedOut
    ? { seen: "open", shows: "allow" }
    : (failures[exitCode] ?? { seen: "connection closed", shows: "deny" });
}

/**
 * Reads a reply. Over https every response is the server's own: no proxy on the way can speak for it.
 *
 * @param call what was called; a service that is reached past the sidecar may answer without it
 */
export function classify(
  {
    protocol,
    port,
    beside,
    unresolved,
    closed,
  }: Pick<Verdict, "protocol" | "port" | "beside" | "unresolved" | "closed">,
  reply: Reply,
): Observation {
  if (unresolved && reply.exitCode === notFound) {
    return { seen: "name refused", shows: "deny" };
  }
  if (protocol === "tcp") {
    return classifyTcp(reply);
  }
  if (reply.exitCode !== 0) {
    return failures[reply.exitCode] ?? { seen: `curl exit code ${reply.exitCode}`, shows: "unclear" };
  }
  // As bytes, http is the server's own as well.
  if (protocol === "https" || port !== undefined) {
    return { seen: `${reply.status}`, shows: "allow" };
  }
  return beside === "bypass" && !reply.fromEnvoy && !reply.hasUpstreamTime
    ? { seen: `${reply.status} past the sidecar`, shows: "allow" }
    : classifyHttp(reply, closed);
}

function classifyHttp({ status, bodySize, hasUpstreamTime, fromEnvoy }: Reply, closed = false): Observation {
  if (!fromEnvoy && !hasUpstreamTime) {
    return { seen: `${status} past the sidecar`, shows: "unclear" };
  }
  if (!hasUpstreamTime) {
    return status === 502 || status === 404 || (closed && status === 503)
      ? { seen: `${status} from the sidecar`, shows: "deny" }
      : { seen: `${status} from the sidecar`, shows: "unclear" };
  }
  if (status === 403 && bodySize === refusalSize) {
    return { seen: "403 from the gateway", shows: "deny" };
  }
  // The host is behind the gateway, and an error of the gateway's own looks the same from here.
  return { seen: `${status}`, shows: status >= 502 && status <= 504 ? "unclear" : "allow" };
}
