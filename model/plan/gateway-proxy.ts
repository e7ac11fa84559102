import { proxyPlace } from "../config/traits/proxy";
import { inRegex } from "../ground/hosts";
import { Manifest } from "../ground/manifest";
import { externalPorts, gatewaySelector } from "../ground/names";
import { sortedBy, sortedNumbers } from "../ground/order";
import { connect } from "../ground/protocols";
import { GatewayArgs, ProxiedHosts, GatewayNeeds } from "./args";
import { clusterByName, unlimited, upstreamKeepalive } from "./gateway-envoy";
import { GatewayPart } from "./gateway-part";
import { egressToAddresses, egressToExternalPorts } from "./network-policies";

/**
 * Hosts that are reached through an outside proxy: the gateway asks policies as of every call, and then, in the place of looking
 * the name up, asks the proxy for host and port by CONNECT. Over TLS that is a filter chain behind the names' own listeners,
 * by the SNI that was granted; what is itself asked for by CONNECT is handed on as it came.
 */
export const proxiesPart: GatewayPart = {
  // The name is looked up again and again, as a proxy may move.
  clusters: (of) =>
    sorted(of).map((proxied) =>
      clusterByName(proxyName(proxied), proxyPlace(proxied.proxy), {
        respect_dns_ttl: true,
        circuit_breakers: unlimited,
        upstream_connection_options: upstreamKeepalive,
      }),
    ),
  // Of these names no address is looked up here.
  tlsChains: (of) =>
    sorted(of)
      .filter(({ ports }) => ports.includes(externalPorts.tls))
      .map((proxied) => ({
        destination: proxied.destination,
        names: [...proxied.hosts].sort(),
        cluster: proxyName(proxied),
        tunnel: `%REQUESTED_SERVER_NAME%:${externalPorts.tls}`,
      })),
  routes: (of, { http, connect: route }) =>
    byConnect(of).map((proxied) => ({
      name: proxyName(proxied),
      match: [...proxied.hosts]
        .sort()
        .map((host) => ({ port: connect.gateway.port, authority: { regex: `(?i)${inRegex(host)}:[0-9]+` } })),
      ...http,
      ...route,
    })),
  handsOn: (of) => byConnect(of).map((proxied) => ({ route: proxyName(proxied), cluster: proxyName(proxied) })),
  objects: egressToProxies,
  opens: ({ name, proxies = [] }) =>
    proxies.flatMap(({ destination, ranges }) =>
      ranges === undefined ? [] : [{ destination, ranges, policy: insidePolicyName(name), key: "via.private" }],
    ),
  wayOut: ({ gateway, config: { via } }) =>
    via === undefined ? undefined : via.private === undefined ? policyName(gateway) : insidePolicyName(gateway),
};

/** Name of the cluster that connects to a destination's proxy, and of the routes that lead to it. */
function proxyName({ destination }: Pick<ProxiedHosts, "destination">): string {
  return `proxy-${destination}`;
}

function sorted({ proxies = [] }: GatewayNeeds): ProxiedHosts[] {
  return sortedBy(proxies, ({ destination }) => destination);
}

function byConnect(of: GatewayNeeds): ProxiedHosts[] {
  return sorted(of).filter(({ ports }) => ports.some((port) => port !== externalPorts.tls));
}

/** The gateway's way out to the proxies: to their private ranges, or to public addresses, on their ports only. */
function egressToProxies({ name, namespace, proxies = [] }: GatewayArgs): Manifest[] {
  const podSelector = { matchLabels: gatewaySelector(name) };
  const all = sorted({ proxies }).map(({ proxy, ranges }) => ({ ranges, ports: [proxyPlace(proxy).port] }));
  const inside = all.flatMap(({ ranges, ports }) => (ranges === undefined ? [] : [{ ranges, ports }]));
  const open = sortedNumbers(all.flatMap(({ ranges, ports }) => (ranges === undefined ? ports : [])));
  return [
    ...(inside.length === 0
      ? []
      : [egressToAddresses(insidePolicyName(name), { namespace, podSelector, services: inside })]),
    ...(open.length === 0 ? [] : [egressToExternalPorts(policyName(name), { namespace, podSelector, ports: open })]),
  ];
}

/** Name of the NetworkPolicy for proxies at public addresses. */
function policyName(gateway: string): string {
  return `${gateway}-to-proxies`;
}

/** Name of the one for proxies in private networks. */
function insidePolicyName(gateway: string): string {
  return `${policyName(gateway)}-inside`;
}
