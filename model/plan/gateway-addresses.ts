import { addressesRegex, anyAddressRegex, authorityPrefixes, beginningRegex } from "../ground/addresses";
import { sortedUnique } from "../ground/order";
import { ExternalPort } from "../ground/ports";
import { connect } from "../ground/protocols";
import { type } from "./gateway-envoy";

/** The rule by which a gateway lets clients pass to addresses: how authorities of theirs begin, and which ports they end in. */
export function addressesRule(addresses: readonly string[], ports: readonly ExternalPort[]): Record<string, unknown> {
  const operation = {
    ports: [`${connect.gateway.port}`],
    methods: ["CONNECT"],
    hosts: sortedUnique(addresses).flatMap((each) => authorityPrefixes(each).map((prefix) => `${prefix}*`)),
  };
  return {
    to: [{ operation }],
    when: [{ key: "request.headers[:authority]", values: ports.map(({ port }) => `*:${port}`) }],
  };
}

/** Stands in the log's `reason` where a name was asked for that only begins as a granted address does. */
export const noPlainAddress = "no-plain-address";

/**
 * Refuses what begins as a granted address and is none, as `198.51.100.7.evil.example:5432`: policies compare how it
 * begins. It is in the same EnvoyFilter as what forwards.
 */
export function refuseUnplainAddresses(addresses: readonly string[] = []): Record<string, unknown>[] {
  if (addresses.length === 0) {
    return [];
  }
  const authority = (regex: string) => ({
    header: { name: ":authority", string_match: { safe_regex: { regex } } },
  });
  const begins = sortedUnique(addresses.map(beginningRegex)).map(authority);
  return [
    {
      name: "egress.addresses",
      typed_config: {
        "@type": type("filters.http.rbac.v3.RBAC"),
        rules: {
          action: "DENY",
          policies: {
            [noPlainAddress]: {
              principals: [{ any: true }],
              permissions: [
                {
                  and_rules: {
                    rules: [{ or_rules: { rules: begins } }, { not_rule: authority(`${anyAddressRegex}:[0-9]+`) }],
                  },
                },
              ],
            },
          },
        },
      },
    },
  ];
}

/** The authorities of a range's addresses on any port, as a route or a filter matches them. */
export function authorityRegex(addresses: string): string {
  return `${addressesRegex(addresses)}:[0-9]+`;
}
