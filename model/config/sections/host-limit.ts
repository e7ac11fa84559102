import { authorityPrefixes } from "../../ground/addresses";
import { forwardingOf } from "../../ground/forwarding";
import { gatewayName } from "../../ground/names";
import { sortedBy } from "../../ground/order";
import { gatewayNames } from "../gateway-of";
import { meshTraits } from "../mesh-traits";
import { countsCalls } from "../metrics";
import { configPath } from "../problem";
import { Report } from "../shape";
import { StackConfig } from "../types";

type Context = Pick<StackConfig, "mesh" | "gateways" | "destinations" | "allow">;

/**
 * Names by which a gateway's counters tell destinations at most, of a host one for each protocol: each takes some 200 bytes
 * of an EnvoyFilter, and an API server takes 1.5 MB.
 */
export const mostCountedNames = 5000;

/** Reports each gateway whose counters would have to tell more names than one EnvoyFilter has room for. */
export function reportCountedNames(config: Context & Pick<StackConfig, "metrics">, report: Report): void {
  if (!countsCalls(config)) {
    return;
  }
  const granted = new Set(config.allow.map(({ to }) => to));
  const gatewayOf = gatewayNames(config);
  const namesOf = new Map<string, number>();
  for (const { name, hosts, protocols, ports, addresses = [] } of config.destinations) {
    if (granted.has(name)) {
      const ways = protocols.length + (ports.length > 0 ? 1 : 0);
      const names = hosts.length * ways + addresses.flatMap(authorityPrefixes).length;
      namesOf.set(gatewayOf(name), (namesOf.get(gatewayOf(name)) ?? 0) + names);
    }
  }
  for (const [gateway, names] of sortedBy(namesOf, ([name]) => name)) {
    if (names > mostCountedNames) {
      report({
        path: configPath("metrics", "mode"),
        value: config.metrics.mode,
        problem: `The gateway ${gateway} would have to count calls of ${names.toLocaleString("en")} names, a host by each of its protocols, and its EnvoyFilter has no room for so many`,
        allowed: `${mostCountedNames.toLocaleString("en")} at most for each gateway`,
        fix: `give some of the destinations a gateway of their own under ${configPath("gateways")}, or use wildcards, which are one each`,
      });
    }
  }
}

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
