import { Manifest } from "../ground/manifest";
import { externalPorts, gatewayPorts, gatewaySelector } from "../ground/names";
import { accessLog } from "./access-log";
import { GatewayArgs } from "./args";
import { countRequests } from "./call-counters";
import { tellDestinationOfRequests } from "./counted-destinations";
import { connects, forwardConnect } from "./gateway-connect";
import { refuseEnded } from "./gateway-ends";
import { clusterThatForwards, envoyFilter, forwardingCluster } from "./gateway-envoy";
import { forwardOriginated, originates } from "./gateway-origination";
import { clustersOfParts, handedOnBy, tlsChainsOfParts } from "./gateway-parts";
import { lookupsOn, sharedLookup } from "./gateway-private-hosts";
import { forwardRequests, leadToLookup } from "./gateway-requests";
import { refuseMalformedNames } from "./gateway-wildcards";
import { forwardTls } from "./gateway-tls";

/**
 * Turns the gateway into a forward proxy: a name that istiod's RBAC filters have let pass is resolved and dialled,
 * on port 80 for HTTP by its Host, on port 443 for TLS by the SNI of the sidecar's mTLS around it, and on any other port
 * that a destination has by the authority of a CONNECT request.
 *
 * Istio's API has no word for this at a gateway, hence the EnvoyFilter. It replaces a server, a subset and a route per
 * host, which would cost every gateway and sidecar quadratically.
 */
export function forwardingFilter(gateway: GatewayArgs): Manifest {
  const { name, namespace } = gateway;
  return envoyFilter(
    { name, namespace },
    {
      selector: gatewaySelector(name),
      patches: [
        // The cluster opens no TLS of its own, so there is no certificate whose name could be checked here.
        clusterThatForwards(forwardingCluster, { cache: sharedLookup(gateway).cache, insecure: true }),
        ...clustersOfParts(gateway),
        ...forwardTls(gateway, tlsChainsOfParts(gateway)),
        ...forwardHttp(gateway),
        ...(connects(gateway) ? forwardConnect(gateway, handedOnBy(gateway)) : []),
        ...(originates(gateway) ? forwardOriginated(gateway) : []),
      ],
    },
  );
}

function forwardHttp(of: GatewayArgs): Record<string, unknown>[] {
  const { wildcards = [], ends } = of;
  const shared = sharedLookup(of);
  const own = lookupsOn(of, (port) => port === externalPorts.http);
  return [
    ...forwardRequests(gatewayPorts.http, {
      lookups: [shared, ...own],
      settings: {
        access_log: [...accessLog("http"), ...countRequests("http", of)],
      },
      before: [
        ...tellDestinationOfRequests(of, "http"),
        ...(wildcards.length === 0 ? [] : [refuseMalformedNames("http")]),
        ...refuseEnded("http", ends),
      ],
    }),
    {
      applyTo: "HTTP_ROUTE",
      // Of this port only: what is meant for another cluster is never sent on in plain text.
      match: { context: "GATEWAY", routeConfiguration: { portNumber: externalPorts.http } },
      patch: { operation: "MERGE", value: { route: { cluster: forwardingCluster } } },
    },
    ...own.map((lookup) => leadToLookup(externalPorts.http, [shared, lookup])),
  ];
}
