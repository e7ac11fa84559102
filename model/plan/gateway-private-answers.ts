import { formatCidr, insideRanges, parseCidr, without } from "../ground/cidr";
import { cidrRange, onlyWhen, type } from "./gateway-envoy";

/** Stands in the log's `reason` where a name has resolved into the inside, and no destination says that it may. */
export const privateAnswer = "private-answer";

/**
 * Stands there where a connection's name has no address that it may lead to: none at all, or such only as are private and
 * another destination's. Over HTTP `addressDenied` tells one from the other.
 */
export const noAddress = "no-address";

/** How the log's `reason` begins of a request whose name has private addresses of another destination only. */
export const addressDenied = "dns_resolution_failure{address_denied";

/** What answers such a request: 403, as every refusal. */
export const refusedAddresses = {
  local_reply_config: {
    mappers: [
      {
        filter: onlyWhen(`response.code_details.startsWith("${addressDenied}")`),
        status_code: 403,
        body: { inline_string: "RBAC: access denied" },
      },
    ],
  },
};

function leadsInto(ranges: readonly string[]): Record<string, unknown> {
  const rules = ranges.map((range) => ({
    matcher: {
      name: "envoy.rbac.matchers.upstream_ip_port",
      typed_config: {
        "@type": type("rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher"),
        upstream_ip: cidrRange(range),
      },
    },
  }));
  return { or_rules: { rules } };
}

/** A filter of Envoy's that refuses by rules. */
export type RefusingFilter = { name: string; typed_config: Record<string, unknown> & { rules: object } };

/**
 * A name that resolves into the inside is refused at once, with this policy's name in the log, instead of when the
 * connection times out. It sees the first address of an answer only, so it is an answer to the caller and no guard: that
 * is the NetworkPolicy, which holds for all, and for what that opens the filter of the cache that the name is looked up in.
 *
 * @param kind `http` behind the filter that resolves a Host, `network` behind the one that resolves a connection's name
 * @param ranges where the name is to lead, and nowhere else @default every public address
 * @param isFiltered whether addresses are taken out of answers, so that none may be left @default false
 */
export function refusePrivateAnswers(
  kind: "http" | "network",
  { ranges, isFiltered = false }: { ranges?: readonly string[]; isFiltered?: boolean } = {},
): RefusingFilter {
  const elsewhere = ranges === undefined ? insideRanges : others(ranges);
  const deny = (permission: Record<string, unknown>) => ({
    principals: [{ any: true }],
    permissions: [permission],
  });
  return {
    name: "egress.private-answers",
    typed_config: {
      "@type": type(`filters.${kind}.rbac.v3.RBAC`),
      ...(kind === "network" ? { stat_prefix: "private-answers." } : {}),
      rules: {
        action: "DENY",
        policies: {
          [privateAnswer]: deny(leadsInto(elsewhere)),
          ...(kind === "network" && isFiltered ? { [noAddress]: deny({ not_rule: leadsInto(others([])) }) } : {}),
        },
      },
    },
  };
}

/** Every address but those of certain ranges. */
function others(ranges: readonly string[]): string[] {
  const halves = ["0.0.0.0/1", "128.0.0.0/1"].map((half) => parseCidr(half)!);
  const own = ranges.map((range) => parseCidr(range)!);
  return halves.flatMap((half) => without(half, own)).map(formatCidr);
}
