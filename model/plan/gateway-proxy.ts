import { proxyPlace } from "../config/traits/proxy";
import { inRegex } from "../ground/hosts";
import { Manifest } from "../ground/manifest";
import { externalPorts, gatewaySelector } from "../ground/names";
import { sortedBy, sortedNumbers } from "../ground/order";
import { connect } from "../ground/protocols";
import { GatewayArgs, ProxiedHosts } from "./args";
import { clusterByName, unlimited, upstreamKeepalive } from "./gateway-envoy";
import { egressToAddresses, egressToExternalPorts } from "./network-policies";

/**
 * Hosts that are reached through an outside proxy: the gateway asks policies as of every call, and then, in the place of looking
 * the name up, asks the proxy for host and port by CONNECT. Over TLS that is a filter chain behind the names' own listeners,
 * by the SNI that was granted; what is itself asked for by CONNECT is handed on as it came.
 */
type Of = Pick<GatewayArgs, "proxies">;

/** Name of the cluster that connects to a destination's proxy, and of the routes that lead to it. */
function proxyName({ destination }: Pick<ProxiedHosts, "destination">): string {
  return `proxy-${destination}`;
}

function sorted({ proxies = [] }: Of): ProxiedHosts[] {
  return sortedBy(proxies, ({ destination }) => destination);
}

/** The clusters that connect to the proxies: the name is looked up again and again, as a proxy may move. */
export function proxyClusters(of: Of): Record<string, unknown>[] {
  return sorted(of).map((proxied) =>
    clusterByName(proxyName(proxied), proxyPlace(proxied.proxy), {
      respect_dns_ttl: true,
      circuit_breakers: unlimited,
      upstream_connection_options: upstreamKeepalive,
    }),
  );
}

/** Filter chains of the listener that forwards TLS: of these names no address is looked up here. */
export function proxyChains(of: Of): { destination: string; names: string[]; cluster: string; tunnel: string }[] {
  return sorted(of)
    .filter(({ ports }) => ports.includes(externalPorts.tls))
    .map((proxied) => ({
      destination: proxied.destination,
      names: [...proxied.hosts].sort(),
      cluster: proxyName(proxied),
      tunnel: `%REQUESTED_SERVER_NAME%:${externalPorts.tls}`,
    }));
}

function byConnect(of: Of): ProxiedHosts[] {
  return sorted(of).filter(({ ports }) => ports.some((port) => port !== externalPorts.tls));
}

/** What a gateway's VirtualService has for them: routes of their own before that for all CONNECT requests. */
export function proxyRoutes(of: Of, route: Record<string, unknown>): Record<string, unknown>[] {
  return byConnect(of).map((proxied) => ({
    name: proxyName(proxied),
    match: [...proxied.hosts]
      .sort()
      .map((host) => ({ port: connect.gateway.port, authority: { regex: `(?i)${inRegex(host)}:[0-9]+` } })),
    ...route,
  }));
}

/** Whether some CONNECT requests are handed on to a proxy, and so must not end here. */
export function handsOnConnect(of: Of): boolean {
  return byConnect(of).length > 0;
}

/**
 * The patches by which such routes hand requests on, as they are.
 *
 * @param without names of the filters that look names up, and of the one that refuses what they find
 */
export function handOnConnect(of: Of, without: { lookups: string[]; refusal: string }): Record<string, unknown>[] {
  const off = { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", disabled: true };
  const filters = [...without.lookups, without.refusal].map((name) => [name, off] as const);
  return byConnect(of).map((proxied) => ({
    applyTo: "HTTP_ROUTE",
    match: {
      context: "GATEWAY",
      routeConfiguration: { portNumber: connect.gateway.port, vhost: { route: { name: proxyName(proxied) } } },
    },
    patch: {
      operation: "MERGE",
      value: {
        match: { connect_matcher: {} },
        route: { cluster: proxyName(proxied), upgrade_configs: [{ upgrade_type: "CONNECT" }] },
        typed_per_filter_config: Object.fromEntries(filters),
      },
    },
  }));
}

/** The gateway's way out to the proxies: to their private ranges, or to public addresses, on their ports only. */
export function egressToProxies({ name, namespace, proxies = [] }: GatewayArgs): Manifest[] {
  const podSelector = { matchLabels: gatewaySelector(name) };
  const all = sorted({ proxies }).map(({ proxy, ranges }) => ({ ranges, ports: [proxyPlace(proxy).port] }));
  const inside = all.flatMap(({ ranges, ports }) => (ranges === undefined ? [] : [{ ranges, ports }]));
  const open = sortedNumbers(all.flatMap(({ ranges, ports }) => (ranges === undefined ? ports : [])));
  return [
    ...(inside.length === 0
      ? []
      : [egressToAddresses(`${proxyPolicyName(name)}-inside`, { namespace, podSelector, services: inside })]),
    ...(open.length === 0
      ? []
      : [egressToExternalPorts(proxyPolicyName(name), { namespace, podSelector, ports: open })]),
  ];
}

/** Name of the NetworkPolicy for proxies at public addresses; that for private ones has `-inside` behind it. */
export function proxyPolicyName(gateway: string): string {
  return `${gateway}-to-proxies`;
}
