import { authorityPrefixes, isAddresses } from "../ground/addresses";
import { inRegex, isWildcard, suffixOf } from "../ground/hosts";
import { MeshTraits } from "../ground/mesh-traits";
import { outerSni, spiffeId } from "../ground/names";
import { sortedBy } from "../ground/order";
import { CountedDestination } from "./args";
import { type } from "./gateway-envoy";

/**
 * Tells a counter which destination a call is for that policies have let pass, and whether the rule that grants it is in
 * report mode. An RBAC filter that enforces nothing finds both: by the name, in a map, however many hosts there are, and
 * leaves in the call's metadata what a policy of that name would have said.
 *
 * Source: Envoy's documentation, "Role Based Access Control", shadow matcher and dynamic metadata.
 */

export type CountedKind = "http" | "network";

const prefix = "counted_";

const metadataOf: Record<CountedKind, string> = {
  http: "envoy.filters.http.rbac",
  network: "envoy.filters.network.rbac",
};

/** The destination of a call, in Envoy's format for logs; empty for a name in another spelling than the stack's. */
export function countedDestination(kind: CountedKind): string {
  return `%DYNAMIC_METADATA(${metadataOf[kind]}:${prefix}shadow_effective_policy_id)%`;
}

/** An expression of CEL: whether the caller's rule is in report mode. A name that is in no map is denied by no policy. */
export function isCountedAsReported(kind: CountedKind): string {
  const found = `metadata.filter_metadata['${metadataOf[kind]}']`;
  return [
    `'${metadataOf[kind]}' in metadata.filter_metadata`,
    `'${prefix}shadow_effective_policy_id' in ${found}`,
    `${found}['${prefix}shadow_engine_result'] == 'denied'`,
  ].join(" && ");
}

/** The calls that a filter looks at: the ways of their destinations to one of a gateway's ports. */
export type CountedWay = "http" | "originate" | "connect" | "https";

/** Where a filter finds the name and the caller of a connection, by keys of filter state. */
export interface ToldConnection {
  name: string;
  identity: string;
}

export interface CountedCalls {
  counts?: CountedDestination[];
  mesh?: MeshTraits;
  originates?: { destination: string }[];
}

/** Whether some rule of a gateway's is in report mode. */
export function hasReported({ counts = [] }: CountedCalls): boolean {
  return counts.some(({ reported = [] }) => reported.length > 0);
}

/** The filter of a port's requests; none where nothing is counted. */
export function tellDestinationOfRequests(of: CountedCalls, way: Exclude<CountedWay, "https">): Filter[] {
  const destinations = onWay(of, way);
  const authority = {
    name: "authority",
    typed_config: {
      "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
      header_name: ":authority",
    },
  };
  const caller = input("common_inputs.ssl.v3.UriSanInput");
  const entries = destinations.flatMap((each) =>
    each.hosts
      .filter((host) => !isWildcard(host))
      // What is called without a name: how the authorities of its addresses begin, 128 of a range at most.
      .flatMap((host) => (isAddresses(host) ? authorityPrefixes(host) : [host]))
      .map((begins) => [begins, onMatch(of, each, caller)] as const),
  );
  // The port may follow; of several hosts that a name begins with, the longest is meant, as policies take whole names.
  const exact = inMap("prefix_match_map", authority, entries);
  const below = wildcardsOf(destinations).map(({ host, destination }) => ({
    predicate: {
      single_predicate: {
        input: authority,
        value_match: { safe_regex: { google_re2: {}, regex: `(?i).*${inRegex(suffixOf(host))}(:.*)?` } },
      },
    },
    on_match: onMatch(of, destination, caller),
  }));
  return filterOf("http", withFallback(exact, below.length === 0 ? undefined : { matcher_list: { matchers: below } }));
}

/**
 * The filter of connections whose name is known, in TLS.
 *
 * @param only the one destination whose names they have @default any
 */
export function tellDestinationOfConnections(of: CountedCalls, told: ToldConnection, only?: string): Filter[] {
  const state = (key: string) => input("common_inputs.network.v3.FilterStateInput", { key });
  const entries = onWay(of, "https")
    .filter(({ destination }) => only === undefined || destination === only)
    .flatMap((each) => each.hosts.map((host) => [outerSni(host), onMatch(of, each, state(told.identity))] as const));
  return filterOf("network", inMap("exact_match_map", state(told.name), entries));
}

type Filter = { name: string; typed_config: Record<string, unknown> };
type Matcher = Record<string, unknown>;

function onWay({ counts = [], originates = [] }: CountedCalls, way: CountedWay): CountedDestination[] {
  const opened = new Set(originates.map(({ destination }) => destination));
  const isOn: Record<CountedWay, (of: CountedDestination) => boolean> = {
    http: ({ destination, protocols }) => protocols.includes("http") && !opened.has(destination),
    originate: ({ destination }) => opened.has(destination),
    connect: ({ ports = [] }) => ports.length > 0,
    https: ({ protocols }) => protocols.includes("https"),
  };
  return counts.filter(isOn[way]);
}

/** The nearest first: of two that hold a name, the one with more labels is meant. */
function wildcardsOf(destinations: CountedDestination[]): { host: string; destination: CountedDestination }[] {
  const all = destinations.flatMap((destination) =>
    destination.hosts.filter(isWildcard).map((host) => ({ host, destination })),
  );
  const labels = (host: string) => `${999 - host.split(".").length} ${host}`;
  return sortedBy(all, ({ host }) => labels(host));
}

/** What is left in the metadata: a policy with the destination's name, which denies those whose rule is in report mode. */
function onMatch(
  { mesh }: CountedCalls,
  { destination, reported = [] }: CountedDestination,
  caller: Record<string, unknown>,
): Matcher {
  const said = (action: "ALLOW" | "DENY") => ({
    action: {
      // The one that is left in the metadata is that of the configuration; to allow is its default, and these are many.
      name: "is",
      typed_config: {
        "@type": "type.googleapis.com/envoy.config.rbac.v3.Action",
        name: destination,
        ...(action === "ALLOW" ? {} : { action }),
      },
    },
  });
  if (reported.length === 0) {
    return said("ALLOW");
  }
  const identity = (namespace: string, account: string) => spiffeId(mesh, namespace, account);
  const single = reported.flatMap((client) =>
    "serviceAccount" in client
      ? [[identity(client.namespace, client.serviceAccount), said("DENY")] as const]
      : (client.but ?? []).map((account) => [identity(client.namespace, account), said("ALLOW")] as const),
  );
  const whole = reported.flatMap((client) =>
    "serviceAccount" in client ? [] : [[identity(client.namespace, ""), said("DENY")] as const],
  );
  const others = { ...inMap("prefix_match_map", caller, whole), on_no_match: said("ALLOW") };
  const matcher =
    single.length === 0
      ? others
      : {
          ...inMap("exact_match_map", caller, single),
          on_no_match: whole.length === 0 ? said("ALLOW") : { matcher: others },
        };
  return { matcher };
}

function inMap(
  kind: "exact_match_map" | "prefix_match_map",
  of: Record<string, unknown>,
  entries: (readonly [string, Matcher])[],
): Matcher | undefined {
  const map = Object.fromEntries(sortedBy(entries, ([key]) => key));
  return entries.length === 0 ? undefined : { matcher_tree: { input: of, [kind]: { map } } };
}

function withFallback(first: Matcher | undefined, second: Matcher | undefined): Matcher | undefined {
  return first === undefined ? second : second === undefined ? first : { ...first, on_no_match: { matcher: second } };
}

function filterOf(kind: CountedKind, matcher: Matcher | undefined): Filter[] {
  return matcher === undefined
    ? []
    : [
        {
          name: "egress.counted",
          typed_config: {
            "@type": type(`filters.${kind}.rbac.v3.RBAC`),
            ...(kind === "network" ? { stat_prefix: "counted." } : {}),
            shadow_matcher: matcher,
            shadow_rules_stat_prefix: prefix,
          },
        },
      ];
}

function input(name: string, settings: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, typed_config: { "@type": type(`matching.${name}`), ...settings } };
}
