import { insideRanges } from "../ground/cidr";
import { type } from "./gateway-envoy";

/** Stands in the log's `reason` where a name has resolved into the inside. */
export const privateAnswer = "private-answer";

const permissions = insideRanges.map((range) => {
  const [address, prefix] = range.split("/");
  return {
    matcher: {
      name: "envoy.rbac.matchers.upstream_ip_port",
      typed_config: {
        "@type": type("rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher"),
        upstream_ip: { address_prefix: address, prefix_len: Number(prefix) },
      },
    },
  };
});

const rules = {
  action: "DENY",
  policies: {
    [privateAnswer]: { principals: [{ any: true }], permissions: [{ or_rules: { rules: permissions } }] },
  },
};

/**
 * A name that resolves into the inside is refused at once, with this policy's name in the log, instead of when the
 * connection times out. It sees the first address of an answer only, so it is an answer to the caller and no guard: that
 * is the NetworkPolicy, which holds for all.
 *
 * @param kind `http` behind the filter that resolves a Host, `network` behind the one that resolves a connection's name
 */
export function refusePrivateAnswers(kind: "http" | "network"): Record<string, unknown> {
  return {
    name: "egress.private-answers",
    typed_config: {
      "@type": type(`filters.${kind}.rbac.v3.RBAC`),
      ...(kind === "network" ? { stat_prefix: "private-answers." } : {}),
      rules,
    },
  };
}
