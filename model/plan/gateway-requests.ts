import { dnsCache, matchFilter, onEveryFilter, type } from "./gateway-envoy";
import { refusePrivateAnswers } from "./gateway-private-answers";

const manager = "envoy.filters.network.http_connection_manager";

/** What a port's requests go through. */
interface Requests {
  /** Of the connection manager. */
  settings: Record<string, unknown>;
  /** Filters that ask something of a request before its name is resolved. @default [] */
  before?: Record<string, unknown>[];
}

/**
 * Patches of a port's HTTP listener: a name that policies have let pass is resolved by its Host or authority, refused if it
 * leads inside, and forwarded.
 */
export function forwardRequests(port: number, { settings, before = [] }: Requests): Record<string, unknown>[] {
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
    },
  };
  return [
    ...before.map(insert),
    insert({
      name: "envoy.filters.http.dynamic_forward_proxy",
      typed_config: {
        "@type": type("filters.http.dynamic_forward_proxy.v3.FilterConfig"),
        dns_cache_config: dnsCache,
        save_upstream_address: true,
      },
    }),
    insert(refusePrivateAnswers("http")),
    ...onEveryFilter(port, manager, [["MERGE", managed]]),
  ];
}
