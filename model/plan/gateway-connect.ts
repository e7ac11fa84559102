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
import { GatewayPart, HandedOn } from "./gateway-part";
import { isByConnect, lookupsOn, sharedLookup } from "./gateway-private-hosts";
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
const connectServerPort = { number: connectPort, ...connect.gateway.server };

/** Name of the route of all CONNECT requests that no other is for, where some are not to end at the gateway. */
const connectRoute = "connect";

/** Whether a gateway has a way for other ports than 80 and 443. */
export function connects({ ports = [] }: Pick<GatewayArgs, "ports">): boolean {
  return ports.length > 0;
}

/**
 * The patches of a gateway's EnvoyFilter that end CONNECT requests and dial what they ask for.
 *
 * @param handedOn requests that do not end here
 */
export function forwardConnect(of: GatewayArgs, handedOn: readonly HandedOn[]): Record<string, unknown>[] {
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
    ...(handedOn.length > 0 ? [connectRoute, ...own.map(({ route }) => route)] : [undefined]).map((route) => ({
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
    ...handedOn.map((each) => handOn(each, [...resolversOf([shared, ...own]), shared.refuse("http").name])),
  ];
}

/**
 * The patch by which a route hands requests on, as they are.
 *
 * @param without names of the filters that look names up, and of the one that refuses what they find
 */
function handOn({ route, cluster }: HandedOn, without: readonly string[]): Record<string, unknown> {
  const off = { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", disabled: true };
  return {
    applyTo: "HTTP_ROUTE",
    match: {
      context: "GATEWAY",
      routeConfiguration: { portNumber: connectPort, vhost: { route: { name: route } } },
    },
    patch: {
      operation: "MERGE",
      value: {
        match: { connect_matcher: {} },
        route: { cluster, upgrade_configs: [{ upgrade_type: "CONNECT" }] },
        typed_per_filter_config: Object.fromEntries(without.map((name) => [name, off])),
      },
    },
  };
}

/** The port that takes CONNECT: where no request is handed on, one route is for all of them. */
export const connectPart: Required<Pick<GatewayPart, "port" | "objects">> = {
  port: (of, handedOn) =>
    connects(of)
      ? {
          server: connectServerPort,
          routes: ({ connect: route }) => [
            {
              ...(handedOn.length > 0 ? { name: connectRoute } : {}),
              match: [{ port: connectPort }],
              ...route,
            },
          ],
        }
      : undefined,
  objects: (args) => (connects(args) ? [egressToPorts(args)] : []),
};

/** The gateway's way out on the ports that its destinations name, beside 80 and 443; to public addresses only. */
function egressToPorts({ name, namespace, ports = [] }: GatewayArgs): Manifest {
  const podSelector = { matchLabels: gatewaySelector(name) };
  return egressToExternalPorts(portsPolicyName(name), { namespace, podSelector, ports });
}

export function portsPolicyName(gateway: string): string {
  return `${gateway}-to-ports`;
}
