import { isWildcard, suffixOf } from "../ground/hosts";
import { outerSni, externalPorts } from "../ground/names";
import { Wildcard } from "./args";
import { type } from "./gateway-envoy";

/** Stands in the log's `reason` where a name has a wildcard's suffix and is no host name. */
export const malformedName = "malformed-name";

/**
 * Labels of letters, digits and hyphens with dots between them, as the configuration takes names. A suffix says nothing of
 * what comes before it.
 */
const hostName = "([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z0-9]([a-z0-9-]*[a-z0-9])?";

const named = {
  http: { header: { name: ":authority", string_match: regex(`(?i)${hostName}(:${externalPorts.http})?`) } },
  network: { requested_server_name: regex(hostName) },
};

function regex(pattern: string): Record<string, unknown> {
  return { safe_regex: { regex: pattern } };
}

/** Refuses what is no host name, with this policy's name in the log: policies that allow a wildcard look at its end only. */
export function refuseMalformedNames(kind: keyof typeof named): Record<string, unknown> {
  return {
    name: "egress.malformed-names",
    typed_config: {
      "@type": type(`filters.${kind}.rbac.v3.RBAC`),
      ...(kind === "network" ? { stat_prefix: "malformed-names." } : {}),
      rules: {
        action: "DENY",
        policies: { [malformedName]: { principals: [{ any: true }], permissions: [{ not_rule: named[kind] }] } },
      },
    },
  };
}

/**
 * RBAC policies, one for each wildcard, by which the application's own SNI passes under the wildcard's outer one: where it
 * has the suffix, dot and all, and is not excepted.
 *
 * @param outerName filter state that holds the outer SNI
 */
export function namesBelow(wildcards: readonly Wildcard[], outerName: string): Record<string, unknown> {
  return Object.fromEntries(
    wildcards.map(({ host, except = [] }) => [
      host,
      {
        permissions: [butFor(except, serverName(host))],
        principals: [{ filter_state: { key: outerName, string_match: { exact: outerSni(host) } } }],
      },
    ]),
  );
}

function butFor(except: readonly string[], permission: Record<string, unknown>): Record<string, unknown> {
  return except.length === 0
    ? permission
    : { and_rules: { rules: [permission, { not_rule: { or_rules: { rules: except.map(serverName) } } }] } };
}

function serverName(host: string): Record<string, unknown> {
  return { requested_server_name: isWildcard(host) ? { suffix: suffixOf(host) } : { exact: host } };
}
