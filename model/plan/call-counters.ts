import { AccessLog } from "./access-log";
import { AccessLogFilter, onlyWhen, type } from "./gateway-envoy";
import { addressDenied } from "./gateway-private-answers";
import {
  CountedCalls,
  countedDestination,
  CountedKind,
  hasReported,
  isCountedAsReported,
} from "./counted-destinations";

/**
 * Counters of calls in Envoy's own statistics, where a scraper of `/stats/prometheus` finds them as `callsMetric`. What
 * counts is Envoy's access log for statistics, which is asked of each call where its line is written.
 *
 * Labels are bounded by what is granted: a caller is what its certificate says, a destination is one of the stack's, and
 * everything else is one of a few words. Names that callers send are never a label: refused ones may be any.
 *
 * Source: Envoy's documentation, "Stats logger (proto)".
 */

/** Istio's proxies let through whatever statistic begins so, with no word in anybody's pod. */
const prefix = "istio_egress";

const counter = "calls";

/** Name of the counter to Prometheus; Envoy adds no `_total`. */
export const callsMetric = `envoy_${prefix}_${counter}`;

/** Where Envoy answers `/stats/prometheus`, by plain http: the port of Istio's proxies, and its name. */
export const statsPort = { number: 15090, name: "http-envoy-prom" } as const;

/** Values of the label `decision`; `undecided` is a call that ended before a rule was asked, as one without a certificate. */
export const decisions = ["allowed", "denied", "would be denied", "undecided"] as const;

/** Values of the label `outcome`: whether the host was reached. */
export const outcomes = ["forwarded", "failed", "refused"] as const;

type Protocol = "http" | "https" | "tcp";

const refused = (details: string) =>
  `has(${details}) && (${details}.startsWith('rbac_access_denied') || ${details}.startsWith('${addressDenied}'))`;

const requestRefused = refused("response.code_details");
const connectionRefused = refused("connection.termination_details");

/** Requests that Envoy turns away itself, as malformed: no rule was asked. */
const requestUndecided = "!has(upstream.address) && has(response.code) && response.code >= 400 && response.code < 500";
const requestFailed = "has(response.code) && response.code >= 500 && response.code_details != 'via_upstream'";

/** Requests to a gateway's port; nothing where it counts none. */
export function countRequests(protocol: "http" | "tcp", of: CountedCalls): AccessLog {
  return whereCounted(of, () =>
    count({
      at: "gateway",
      protocol,
      caller: "%DOWNSTREAM_PEER_URI_SAN%",
      destination: countedDestination("http"),
      decision: cel(`${requestRefused} ? 'denied' : ${requestUndecided} ? 'undecided' : ${passed(of, "http")}`),
      outcome: cel(
        `(${requestRefused}) || (${requestUndecided}) ? 'refused' : ${requestFailed} ? 'failed' : 'forwarded'`,
      ),
    }),
  );
}

/** Connections that go no further than a gateway's listener, as in `accessLogOfRefusals`. */
export function countRefusedConnections(of: CountedCalls, caller: string): AccessLog {
  return whereCounted(of, () =>
    count(
      {
        at: "gateway",
        protocol: "https",
        caller,
        decision: cel(`${connectionRefused} ? 'denied' : 'undecided'`),
        outcome: "refused",
      },
      onlyWhen("!has(upstream.address)"),
    ),
  );
}

/** Connections whose name has been let pass. */
export function countForwardedConnections(of: CountedCalls, caller: string): AccessLog {
  return whereCounted(of, () =>
    count({
      at: "gateway",
      protocol: "https",
      caller,
      destination: countedDestination("network"),
      decision: cel(`${connectionRefused} ? 'denied' : ${passed(of, "network")}`),
      outcome: cel(`${connectionRefused} ? 'refused' : response.flags != 0 ? 'failed' : 'forwarded'`),
    }),
  );
}

function whereCounted({ counts }: CountedCalls, counter: () => AccessLog[number]): AccessLog {
  return counts === undefined ? [] : [counter()];
}

/** An expression of CEL: what is decided of a call that policies have let pass. */
function passed(of: CountedCalls, kind: CountedKind): string {
  return hasReported(of) ? `${isCountedAsReported(kind)} ? 'would be denied' : 'allowed'` : "'allowed'";
}

/** What the observer lets pass, or refuses because it leads inside. */
export function countObserved(
  protocol: Protocol,
  { caller, verdict, filter }: { caller: string; verdict: "would be denied" | "denied"; filter?: AccessLogFilter },
): AccessLog {
  const failed = protocol === "http" ? requestFailed : "response.flags != 0";
  const outcome = verdict === "denied" ? "refused" : cel(`${failed} ? 'failed' : 'forwarded'`);
  return [count({ at: "observer", protocol, caller, decision: verdict, outcome }, filter)];
}

/** What a sidecar refuses itself. */
export function countRefusedAtHome(protocol: Protocol, caller: string, filter: AccessLogFilter): AccessLog {
  return [count({ at: "sidecar", protocol, caller, decision: "denied", outcome: "refused" }, filter)];
}

function cel(expression: string): string {
  return `%CEL(${expression})%`;
}

function count(labels: Record<string, string>, filter?: AccessLogFilter): Record<string, unknown> {
  const tags = Object.entries(labels).map(([name, value_format]) => ({ name, value_format }));
  return {
    name: "envoy.access_loggers.stats",
    typed_config: {
      "@type": type("access_loggers.stats.v3.Config"),
      // Its successor, stats_scope, is unknown to Envoy before 1.39.
      stat_prefix: prefix,
      counters: [{ stat: { name: counter, tags }, value_fixed: 1 }],
    },
    ...(filter === undefined ? {} : { filter }),
  };
}
