import { Manifest } from "../ground/manifest";
import { ambiguousPath, ambiguousPathName, OriginationWay, wayOf } from "../ground/origination";
import { sortedBy } from "../ground/order";
import { originate } from "../ground/protocols";
import { Duration } from "../ground/timeouts";
import { accessLog } from "./access-log";
import { GatewayArgs, OriginatedHosts, GatewayNeeds } from "./args";
import { countRequests } from "./call-counters";
import { tellDestinationOfRequests } from "./counted-destinations";
import { refuseEnded } from "./gateway-ends";
import { clusterThatForwards, type } from "./gateway-envoy";
import { GatewayPart } from "./gateway-part";
import { Lookup, ownLookups, sharedLookup } from "./gateway-private-hosts";
import { forwardRequests, leadToLookup } from "./gateway-requests";
import { roleAndBinding, rule } from "./rbac/role";

/**
 * TLS that the gateway opens: applications call `http://host`, their sidecars lead that to a port of its own at the
 * gateway, istiod's RBAC filter sees identity, host, method and path there, and what it lets pass goes on in TLS to port
 * 443 of the host, whose certificate must have that name. So the request inside cannot be for another host than the one
 * that was granted, as it can be in the application's own TLS (domain fronting).
 *
 * Clusters and routes do not grow with hosts; a destination with authorities or a client certificate of its own, or in
 * HTTP/2, has one more of each.
 */
export const originationPort = originate.gateway.port;

/** The port of a gateway's Service, and of its Gateway's server, that takes such requests. */
const originationServerPort = { number: originationPort, ...originate.gateway.server };

/** Whether a gateway opens TLS of its own. */
export function originates({ originates: hosts = [] }: GatewayNeeds): boolean {
  return hosts.length > 0;
}

export const originationPart: GatewayPart = {
  port: (of) =>
    originates(of) ? { server: originationServerPort, routes: ({ http }) => originationRoutes(of, http) } : undefined,
  objects: clientCertificateAccess,
};

/** The authorities that the gateway's image holds for public ones. Source: Debian's and Ubuntu's package ca-certificates. */
const publicAuthorities = "/etc/ssl/certs/ca-certificates.crt";

const cluster = "originate";

/** Name of a destination's cluster, and of the route that leads to it. */
const ownName = (destination: string) => `${cluster}-${destination}`;

/** Those that have a way of their own to their hosts, lead into private ranges, or have timeouts of their own. */
function apart(of: GatewayNeeds): OriginatedHosts[] {
  const { originates: hosts = [] } = of;
  const isOwn = new Set(ownLookups(of).map(({ destination }) => destination));
  return sortedBy(
    hosts.filter((each) => Object.keys(wayOf(each)).length > 0 || isOwn.has(each.destination)),
    ({ destination }) => destination,
  );
}

/**
 * The routes of a gateway's VirtualService for such requests, those of single destinations first.
 *
 * @param route what each of them has in common
 */
function originationRoutes(of: GatewayNeeds, route: Record<string, unknown>): Record<string, unknown>[] {
  return [
    ...apart(of).map(({ destination, hosts }) => ({
      name: ownName(destination),
      match: [...hosts].sort().map((host) => ({ port: originationPort, authority: { exact: host } })),
      ...requestTimeoutOf(of, destination),
      ...route,
    })),
    { name: cluster, match: [{ port: originationPort }], ...route },
  ];
}

function requestTimeoutOf({ timedHosts = [] }: GatewayNeeds, of: string): { timeout?: Duration } {
  const request = timedHosts.find(({ destination }) => destination === of)?.request;
  return request === undefined ? {} : { timeout: request };
}

/** The patches of a gateway's EnvoyFilter that open TLS and forward what policies have let pass. */
export function forwardOriginated(of: GatewayArgs): Record<string, unknown>[] {
  const own = apart(of);
  const isShared = (of.originates ?? []).length > own.length;
  const shared = sharedLookup(of);
  const ofOwn = new Map(ownLookups(of).map((lookup) => [lookup.destination, lookup]));
  const lookups = new Map(own.map(({ destination }) => [destination, ofOwn.get(destination) ?? shared]));
  return [
    ...(isShared ? [tlsCluster(cluster, shared, {})] : []),
    ...own.map(({ destination, ...way }) => tlsCluster(ownName(destination), lookups.get(destination)!, way)),
    ...forwardRequests(originationPort, {
      lookups: [shared, ...[...lookups.values()].filter(({ route }) => route !== shared.route)],
      before: [...tellDestinationOfRequests(of, "originate"), refuseAmbiguousPaths, ...refuseEnded("http", of.ends)],
      settings: {
        access_log: [...accessLog("http"), ...countRequests("http", of)],
        // The host is dialled on the port of TLS, whatever port the application has named.
        strip_any_host_port: true,
        scheme_header_transformation: { match_upstream: true },
        // Before the policies: what they see is what the host is sent.
        normalize_path: true,
        merge_slashes: true,
        path_with_escaped_slashes_action: "REJECT_REQUEST",
      },
    }),
    ...(isShared ? [leadTo(shared, cluster)] : []),
    ...own.map(({ destination }) => leadTo(shared, ownName(destination), lookups.get(destination))),
  ];
}

/** What servers may take for another path than policies do. */
const refuseAmbiguousPaths = {
  name: "egress.ambiguous-paths",
  typed_config: {
    "@type": type("filters.http.rbac.v3.RBAC"),
    rules: {
      action: "DENY",
      policies: {
        [ambiguousPathName]: {
          principals: [{ any: true }],
          permissions: [{ url_path: { path: { safe_regex: { regex: ambiguousPath } } } }],
        },
      },
    },
  },
};

function tlsCluster(
  name: string,
  { cache, connectTimeout }: Lookup,
  { ca, clientCertificate, http2 }: OriginationWay,
): Record<string, unknown> {
  return clusterThatForwards(name, {
    cache,
    connectTimeout,
    http2,
    protocol: { upstream_http_protocol_options: { auto_sni: true, auto_san_validation: true } },
    transport_socket: {
      name: "envoy.transport_sockets.tls",
      typed_config: {
        "@type": type("transport_sockets.tls.v3.UpstreamTlsContext"),
        // Envoy keeps one session for all hosts of a cluster: a server of several would take it up with the certificate of
        // another host, which is refused here.
        max_session_keys: 0,
        common_tls_context: {
          tls_params: { tls_minimum_protocol_version: "TLSv1_2" },
          ...(http2 === true ? { alpn_protocols: ["h2"] } : {}),
          ...(clientCertificate === undefined
            ? {}
            : { tls_certificate_sds_secret_configs: [bySds(clientCertificate)] }),
          validation_context: {
            trusted_ca: ca === undefined ? { filename: publicAuthorities } : { inline_string: `${ca}\n` },
          },
        },
      },
    },
  });
}

/** A Secret of the gateway's namespace, which istiod sends and sends anew when it changes: no pod has to restart for it. */
function bySds(secret: string): Record<string, unknown> {
  return { name: `kubernetes://${secret}`, sds_config: { ads: {}, resource_api_version: "V3" } };
}

/**
 * What lets a gateway have the client certificates of its destinations: istiod sends Secrets to those only who may list
 * them. Its pods have no token of Kubernetes', so nothing in them can use that; whoever may have a token of this
 * ServiceAccount may list all Secrets of the gateways' namespace, and nothing else is to be in there.
 */
function clientCertificateAccess({
  name,
  namespace,
  originates: hosts = [],
}: Pick<GatewayArgs, "name" | "namespace" | "originates">): Manifest[] {
  if (hosts.every(({ clientCertificate }) => clientCertificate === undefined)) {
    return [];
  }
  return roleAndBinding({
    name: secretReaderName(name),
    namespace,
    rules: [rule("", ["secrets"], ["list"])],
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  });
}

/** Name of the Role, and of its binding, by which a gateway has client certificates. */
export function secretReaderName(gateway: string): string {
  return `${gateway}-client-certificates`;
}

function leadTo(shared: Lookup, name: string, own: Lookup = shared): Record<string, unknown> {
  return leadToLookup(originationPort, [shared, own], { route: name, cluster: name });
}
