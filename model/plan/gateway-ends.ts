import { isAddresses } from "../ground/addresses";
import { inRegex, isWildcard, suffixOf } from "../ground/hosts";
import { outerSni } from "../ground/names";
import { sortedBy, sortedUnique } from "../ground/order";
import { Client, EndingAccess } from "./args";
import { authorityRegex } from "./gateway-addresses";
import { type } from "./gateway-envoy";

/** What stands in the log's `reason` where access has ended: `[ended:github:2027-07-01T00:00:00Z]`. */
const prefix = "ended:";

/** The destination and the moment that a refusal's `reason` names; undefined where it is of another kind. */
export function endedAccess(reason: string): { destination: string; until: string } | undefined {
  const [, destination, until] = new RegExp(`\\[${prefix}([^:\\]]+):([^\\]]+)\\]$`).exec(reason) ?? [];
  return destination === undefined || until === undefined ? undefined : { destination, until };
}

/** The two kinds of a gateway's filters: for requests, and for connections. */
type Kind = "http" | "network";

/**
 * Refuses access that is over, by the time at which the request began, or over TLS the connection: so a rule ends at its
 * moment by each gateway pod's own clock, whether or not anybody changes the cluster. Connections that are open then go on.
 *
 * It is in the same EnvoyFilter as what makes the gateway forward, so that nothing is forwarded without it, and refuses no
 * narrower than istiod's policies let pass: names in any case and with any port, identities of any trust domain.
 */
export function refuseEnded(kind: Kind, ends: readonly EndingAccess[] = []): Record<string, unknown>[] {
  if (ends.length === 0) {
    return [];
  }
  const policies = sortedBy(ends, policyName).map((end) => [
    policyName(end),
    {
      principals: [anyOf("or_ids", "ids", end.clients.map(identity))],
      permissions: [
        anyOf(
          "or_rules",
          "rules",
          end.hosts.map((host) => named[kind](host, end.except)),
        ),
      ],
      condition: notBefore(end.until),
    },
  ]);
  return [
    {
      name: "egress.ends",
      typed_config: {
        "@type": type(`filters.${kind}.rbac.v3.RBAC`),
        ...(kind === "network" ? { stat_prefix: "ends." } : {}),
        rules: { action: "DENY", policies: Object.fromEntries(policies) as Record<string, unknown> },
      },
    },
  ];
}

function policyName({ destination, until }: EndingAccess): string {
  return `${prefix}${destination}:${until}`;
}

/** `request.time >= timestamp("…")`, as Envoy is told an expression of CEL; of a connection it is when that began. */
function notBefore(until: string): Record<string, unknown> {
  return {
    id: 1,
    call_expr: {
      function: "_>=_",
      args: [
        { id: 2, select_expr: { operand: { id: 3, ident_expr: { name: "request" } }, field: "time" } },
        { id: 4, call_expr: { function: "timestamp", args: [{ id: 5, const_expr: { string_value: until } }] } },
      ],
    },
  };
}

function identity({ but = [], ...client }: Client & { but?: string[] }): Record<string, unknown> {
  const whole = principalOf(client.namespace, "serviceAccount" in client ? client.serviceAccount : undefined);
  const others = sortedUnique(but).map((account) => principalOf(client.namespace, account));
  return but.length === 0 ? whole : { and_ids: { ids: [whole, { not_id: anyOf("or_ids", "ids", others) }] } };
}

function principalOf(namespace: string, account?: string): Record<string, unknown> {
  const regex = `spiffe://[^/]+/ns/${inRegex(namespace)}/sa/${account === undefined ? "[^/]+" : inRegex(account)}`;
  return { authenticated: { principal_name: { safe_regex: { regex } } } };
}

const named: Record<Kind, (host: string, except?: string[]) => Record<string, unknown>> = {
  http: (host, except = []) =>
    isWildcard(host) && except.length > 0
      ? { and_rules: { rules: [authority(host), { not_rule: anyOf("or_rules", "rules", except.map(authority)) }] } }
      : authority(host),
  // What is below a wildcard and not meant has another name on the outside.
  network: (host) => ({ requested_server_name: { exact: outerSni(host), ignore_case: true } }),
};

function authority(host: string): Record<string, unknown> {
  const header = (match: Record<string, unknown>) => ({ header: { name: ":authority", string_match: match } });
  if (isAddresses(host)) {
    return header({ safe_regex: { regex: authorityRegex(host) } });
  }
  return isWildcard(host)
    ? header({ safe_regex: { regex: `(?i).*${inRegex(suffixOf(host))}(:.*)?` } })
    : anyOf("or_rules", "rules", [
        header({ exact: host, ignore_case: true }),
        header({ prefix: `${host}:`, ignore_case: true }),
      ]);
}

function anyOf(of: string, list: string, all: Record<string, unknown>[]): Record<string, unknown> {
  return all.length === 1 ? all[0]! : { [of]: { [list]: all } };
}
