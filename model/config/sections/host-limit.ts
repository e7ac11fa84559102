import { forwardingOf } from "../../ground/forwarding";
import { gatewayName } from "../../ground/names";
import { sortedBy } from "../../ground/order";
import { gatewayNames } from "../gateway-of";
import { meshTraits } from "../mesh-traits";
import { configPath } from "../problem";
import { Report } from "../shape";
import { StackConfig } from "../types";

type Context = Pick<StackConfig, "mesh" | "gateways" | "destinations" | "allow">;

/** Reports each gateway that would list more granted hosts than it can carry. */
export function reportHostLimit(config: Context, report: Report): void {
  const { mostHosts } = forwardingOf(meshTraits(config.mesh));
  if (mostHosts === undefined) {
    return;
  }
  const granted = new Set(config.allow.map(({ to }) => to));
  const gatewayOf = gatewayNames(config);
  const hostsOf = new Map<string, number>();
  for (const { name, hosts } of config.destinations.filter((destination) => granted.has(destination.name))) {
    hostsOf.set(gatewayOf(name), (hostsOf.get(gatewayOf(name)) ?? 0) + hosts.length);
  }
  for (const [gateway, hosts] of sortedBy(hostsOf, ([name]) => name)) {
    if (hosts > mostHosts) {
      report({
        path: gateway === gatewayName ? configPath("destinations") : configPath("gateways", gateway, "destinations"),
        problem:
          `${hosts} granted hosts behind the gateway ${gateway}; without EnvoyFilters, which this mesh does not take, ` +
          "its memory grows with the square of their number",
        allowed: `${mostHosts} at most for each gateway`,
        fix: `grant fewer, or give some of the destinations a gateway of their own under ${configPath("gateways")}`,
      });
    }
  }
}
