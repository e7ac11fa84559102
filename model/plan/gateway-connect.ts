import { Manifest } from "../ground/manifest";
import { gatewaySelector } from "../ground/names";
import { connect } from "../ground/protocols";
import { accessLog } from "./access-log";
import { GatewayArgs } from "./args";
import { refuseUnplainAddresses } from "./gateway-addresses";
import { countRequests } from "./call-counters";
import { tellDestinationOfRequests } from "./counted-destinations";
import { refuseEnded } from "./gateway-ends";
import { forwardingCluster } from "./gateway-envoy";
import { isByConnect, lookupsOn, sharedLookup } from "./gateway-private-hosts";
import { handOnConnect, handsOnConnect } from "./gateway-proxy";
import { forwardRequests, leadToLookup, resolversOf } from "./gateway-requests";
import { egressToExternalPorts } from "./network-policies";

/**
 * The way of every external port but 80 and 443 through a gateway. A sidecar asks for `db.example:5432` by an HTTP CONNECT
 * request in its mutual TLS, before a byte of the application's is sent; so istiod's RBAC filter sees identity, host and
 * port, and refuses by a 403, before anything is resolved, dialled or greeted. A server that speaks first is no matter then.
 *
 * One listener serves all hosts and ports: it does not grow with them.
 */
export const connectPort = connect.gateway.port;

/** The port of a gateway's Service, and of its Gateway's server, that takes CONNECT. */
export const connectServerPort = { number: connectPort, ...connect.gateway.server };

/** Name of the route of all CONNECT requests that no other is for, where some are not to end at the gateway. */
export const connectRoute = "connect";

/** Whether a gateway has a way for other ports than 80 and 443. */
export function connects({ ports = [] }: Pick<GatewayArgs, "ports">): boolean {
  return ports.length > 0;
}

/** The patches of a gateway's EnvoyFilter that end CONNECT requests and dial what they ask for. */
export function forwardConnect(
  of: Pick<GatewayArgs, "addresses" | "ends" | "privateHosts" | "timedHosts" | "mesh" | "counts" | "proxies">,
): Record<string, unknown>[] {
  const upgrade = { upgrade_type: "CONNECT" };
  const shared = sharedLookup(of);
  const own = lookupsOn(of, isByConnect);
  return [
    ...forwardRequests(connectPort, {
      lookups: [shared, ...own],
      before: [
        ...tellDestinationOfRequests(of, "connect"),
        ...refuseUnplainAddresses(of.addresses),
        ...refuseEnded("http", of.ends),
      ],
      settings: {
        access_log: [...accessLog("tcp"), ...countRequests("tcp", of)],
        upgrade_configs: [upgrade],
      },
    }),
    // Every route, unless some hand their requests on.
    ...(handsOnConnect(of) ? [connectRoute, ...own.map(({ route }) => route)] : [undefined]).map((route) => ({
      applyTo: "HTTP_ROUTE",
      match: {
        context: "GATEWAY",
        routeConfiguration: {
          portNumber: connectPort,
          ...(route === undefined ? {} : { vhost: { route: { name: route } } }),
        },
      },
      patch: {
        operation: "MERGE",
        value: {
          match: { connect_matcher: {} },
          route: { cluster: forwardingCluster, upgrade_configs: [{ ...upgrade, connect_config: {} }] },
        },
      },
    })),
    ...own.map((lookup) => leadToLookup(connectPort, [shared, lookup])),
    ...handOnConnect(of, { lookups: resolversOf([shared, ...own]), refusal: shared.refuse("http").name }),
  ];
}

/** The gateway's way out on the ports that its destinations name, beside 80 and 443; to public addresses only. */
export function egressToPorts({ name, namespace, ports = [] }: GatewayArgs): Manifest {
  const podSelector = { matchLabels: gatewaySelector(name) };
  return egressToExternalPorts(portsPolicyName(name), { namespace, podSelector, ports });
}

export function portsPolicyName(gateway: string): string {
  return `${gateway}-to-ports`;
}
