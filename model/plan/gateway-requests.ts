import { forwardingCluster, matchFilter, onEveryFilter, type } from "./gateway-envoy";
import { refusedAddresses } from "./gateway-private-answers";
import { Lookup } from "./gateway-private-hosts";

const manager = "envoy.filters.network.http_connection_manager";

/** What a port's requests go through. */
interface Requests {
  /** Of the connection manager. */
  settings: Record<string, unknown>;
  /** Filters that ask something of a request before its name is resolved. @default [] */
  before?: Record<string, unknown>[];
  /** Where names are looked up: the shared one first, and then those that routes of their own lead to. */
  lookups: [Lookup, ...Lookup[]];
}

/**
 * Patches of a port's HTTP listener: a name that policies have let pass is resolved by its Host or authority, refused if it
 * leads inside, and forwarded.
 */
export function forwardRequests(port: number, { settings, before = [], lookups }: Requests): Record<string, unknown>[] {
  const match = matchFilter(port, { name: manager, subFilter: { name: "envoy.filters.http.router" } });
  const insert = (value: Record<string, unknown>) => ({
    applyTo: "HTTP_FILTER",
    match,
    patch: { operation: "INSERT_BEFORE", value },
  });
  const managed = {
    name: manager,
    typed_config: {
      "@type": type("filters.network.http_connection_manager.v3.HttpConnectionManager"),
      ...settings,
      ...(lookups.some(({ cache }) => cache.resolved_address_filter !== undefined) ? refusedAddresses : {}),
    },
  };
  return [
    ...before.map(insert),
    ...apart(lookups).map((lookup, index) =>
      insert({ ...resolving(lookup), ...(index === 0 ? {} : { disabled: true }) }),
    ),
    insert(lookups[0].refuse("http")),
    ...onEveryFilter(port, manager, [["MERGE", managed]]),
  ];
}

/** The shared lookup, and those that have a cache, and so a filter, of their own. */
function apart(lookups: [Lookup, ...Lookup[]]): Lookup[] {
  return lookups.filter((lookup, index) => index === 0 || isApart(lookups[0], lookup));
}

/** Whether names are looked up elsewhere than all others, and so by another filter. */
function isApart(shared: Lookup, own: Lookup): boolean {
  return own.cache.name !== shared.cache.name;
}

/** The filter that looks a request's name up; one for each cache, as Envoy has it. */
function resolving({ route, cache }: Lookup): Record<string, unknown> & { name: string } {
  const name = "envoy.filters.http.dynamic_forward_proxy";
  return {
    name: route === forwardingCluster ? name : `egress.resolve.${route}`,
    typed_config: {
      "@type": type("filters.http.dynamic_forward_proxy.v3.FilterConfig"),
      dns_cache_config: cache,
      save_upstream_address: true,
    },
  };
}

/** Names of the filters that look requests' names up, one for each cache. */
export function resolversOf(lookups: [Lookup, ...Lookup[]]): string[] {
  return apart(lookups).map((lookup) => resolving(lookup).name);
}

/**
 * The patch that leads routes of a port to the cluster of a lookup of their own, by its filter and not by the shared one.
 *
 * @param cluster where it is another one that dials what is found there @default the lookup's
 */
export function leadToLookup(
  portNumber: number,
  [shared, own]: [Lookup, Lookup],
  { route = own.route, cluster = own.cluster }: { route?: string; cluster?: string } = {},
): Record<string, unknown> {
  const { name: refusal, typed_config: refused } = own.refuse("http");
  const filters = {
    [resolving(shared).name]: { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", disabled: true },
    // That a route says something of a filter is what turns it on there.
    [resolving(own).name]: { "@type": type("filters.http.dynamic_forward_proxy.v3.PerRouteConfig") },
    [refusal]: { "@type": type("filters.http.rbac.v3.RBACPerRoute"), rbac: { rules: refused.rules } },
  };
  return {
    applyTo: "HTTP_ROUTE",
    match: { context: "GATEWAY", routeConfiguration: { portNumber, vhost: { route: { name: route } } } },
    patch: {
      operation: "MERGE",
      value: {
        route: { cluster },
        ...(isApart(shared, own) ? { typed_per_filter_config: filters } : {}),
      },
    },
  };
}
