import { ProxyConfig, proxyProblems } from "../../config/traits/proxy";
import { heldTo, opensTls } from "../../config/traits/told";
import { forwardingOf } from "../../ground/forwarding";
import { externalPorts } from "../../ground/names";
import { defined, fieldsOf, listOf as listItems } from "../../ground/objects";
import { sortedNumbers, sortedUnique } from "../../ground/order";
import type { DestinationArgs } from "../args";
import { placeOf } from "../arguments/shared";
import { ArgumentProblem, Check, exactHost, label, listOf, onlyOf, optional, port, problemText, text } from "../check";
import { knowsHosts, Need, NeedsInMesh, refOf, toldOf } from "./need";
import { rangesOfHosts } from "./private-hosts";

/** Hosts that a gateway reaches through an outside proxy. */
export interface ProxiedHosts {
  /** Name of their destination. */
  destination: string;
  /** Names, one at least. */
  hosts: string[];
  /** Name and port of the proxy, as `proxy.corp.example:3128`. */
  proxy: string;
  /** Private ranges that the proxy's name leads into, in CIDR notation. @default public addresses only */
  ranges?: string[];
  /** Ports of the hosts that are asked for, 443 for https; one at least. */
  ports: number[];
}

export interface NeedsProxies {
  /**
   * Destinations whose hosts it reaches through outside proxies: what `via` of an `EgressDestination` needs of it; sorted here
   * by name.
   * @default []
   * @example [{ destination: "partner", hosts: ["api.partner.example"], proxy: "proxy.corp.example:3128", ports: [443] }]
   */
  proxies?: ProxiedHosts[];
}

/** Outside proxies. */
export const proxies: Need<ProxiedHosts[]> = {
  check: listOf(
    onlyOf({
      destination: label,
      hosts: listOf(exactHost, { atLeast: 1 }),
      proxy: (value) => (typeof value === "string" ? proxy({ proxy: value }) : "Not a text"),
      ranges: optional(rangesOfHosts),
      ports: listOf(port, { atLeast: 1 }),
    }),
  ),
  needs: (granted) =>
    granted.flatMap(({ name, hosts, ways, config: { via } }) =>
      via === undefined
        ? []
        : [
            {
              destination: name,
              hosts: [...hosts],
              proxy: via.proxy,
              ...defined({ ranges: via.private }),
              ports: sortedNumbers(ways.map(({ port: number }) => number)),
            },
          ],
    ),
  asked: {
    via: (args) => optional((value) => proxy(value) ?? reachedBy(args)),
    timeouts:
      ({ via }) =>
      (value) => {
        const { connect, request } = fieldsOf(value);
        return via === undefined || (connect === undefined && request === undefined)
          ? undefined
          : "connect and request have no place beside via: the proxy connects to the host, and the gateway sees no requests";
      },
  },
  sense: oneWayOnly,
  ranges: (told) => told.flatMap(({ ranges = [] }) => ranges),
  wholeNames: (args) =>
    args.via === undefined ? undefined : "a proxy is for hosts that are listed by their whole names",
};

/** An outside proxy: none that a configuration could not have. */
function proxy(value: unknown): ReturnType<Check> {
  const shape = onlyOf({ proxy: text(), private: optional(listOf(text(), { atLeast: 1 })) })(value);
  if (shape !== undefined && shape.length > 0) {
    return shape;
  }
  const problems = proxyProblems(value as ProxyConfig);
  return problems.length === 0
    ? undefined
    : problems.map(({ at, ...problem }) => ({ argument: placeOf(at), problem: problemText(problem) }));
}

/** A gateway asks a proxy only for hosts that it was told of. */
function reachedBy(args: Partial<DestinationArgs>): string | undefined {
  const { protocols: spoken = [], ports = [], via, gateway } = args;
  const { mesh, proxies: known } = refOf(gateway);
  if (!forwardingOf(mesh).connects) {
    return "Gateways ask a proxy by an EnvoyFilter, and this mesh takes none";
  }
  if (spoken.includes("http") || opensTls(args) || heldTo(args) !== undefined) {
    return "Through a proxy goes TLS of the application's own, and other ports as bytes: no http, no originate, no private ranges";
  }
  const told = toldOf(known, args);
  const asked = [...(spoken.includes("https") ? [externalPorts.tls] : []), ...ports.map(({ port: number }) => number)];
  return told !== undefined &&
    told.proxy === via?.proxy &&
    sortedUnique(told.ranges ?? []).join() === sortedUnique(via.private ?? []).join() &&
    knowsHosts(told, args) &&
    asked.every((number) => told.ports.includes(number))
    ? undefined
    : `The gateway does not know of it: give its proxies { destination, hosts, proxy, ${via?.private === undefined ? "" : "ranges, "}ports } as here`;
}

/** Hosts of proxies have one way: with another one beside it Envoy would refuse all that the gateway has. */
function oneWayOnly({ mesh, proxies: told = [], ...others }: NeedsInMesh): ArgumentProblem[] {
  const elsewhere = new Map(
    Object.entries(others).flatMap(([argument, list]) =>
      listItems(list).flatMap((each) => listItems(fieldsOf(each).hosts).map((host) => [host, argument] as const)),
    ),
  );
  const first = new Map<string, number>();
  return [
    ...(told.length === 0 || forwardingOf(mesh).connects
      ? []
      : [{ argument: "proxies", problem: "Gateways ask a proxy by an EnvoyFilter, and this mesh takes none" }]),
    ...told.flatMap(({ hosts }, index) =>
      hosts.flatMap((host) => {
        const other = elsewhere.get(host) ?? (first.has(host) ? `proxies[${first.get(host)}]` : undefined);
        first.set(host, first.get(host) ?? index);
        return other === undefined
          ? []
          : [{ argument: `proxies[${index}].hosts`, problem: `${host} is in ${other} as well, and has one way only` }];
      }),
    ),
  ];
}
