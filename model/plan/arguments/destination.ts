import { isPublic } from "../../config/addresses";
import { forwardingOf } from "../../ground/forwarding";
import { isWildcard } from "../../ground/hosts";
import { externalPorts } from "../../ground/names";
import { isObject } from "../../ground/objects";
import { sortedUnique } from "../../ground/order";
import { CalledBy, ExternalPort, portProblem } from "../../ground/ports";
import { wayOf } from "../../ground/origination";
import { portProtocols, protocols } from "../../ground/protocols";
import { Timeouts, defaultIdle, Duration, secondsOf } from "../../ground/timeouts";
import type { DestinationArgs, GatewayRef } from "../args";
import { Check } from "../check";
import * as check from "../check";
import { client } from "./shared";
import { gatewayRef, idle, origination, proxy, rangesOfHosts, time } from "./told";

/** What the planner of a destination asks of its arguments, also of what its gateway was told. */

const { label, listOf, oneOf, optional, port, setOf } = check;

/** What a destination is asked depends on it: without ports it needs protocols, and a port needs a gateway that has it. */
export function destinationChecks({
  name,
  hosts,
  addresses,
  protocols: spoken,
  ports,
  originate,
  private: ranges,
  via,
  gateway,
}: Partial<DestinationArgs>): Record<string, Check> {
  const byAddress = addresses !== undefined;
  return {
    name: label,
    hosts: byAddress ? listOf(noHost) : listOf(check.host, { atLeast: 1, once: true }),
    addresses: optional(
      listOf((value) => check.nameless(value) ?? calledBy(value as string, { name, gateway }), {
        atLeast: 1,
        once: true,
      }),
    ),
    except: optional(listOf(check.host)),
    protocols: byAddress
      ? listOf(noProtocol)
      : listOf(oneOf(...protocols), { atLeast: Array.isArray(ports) && ports.length > 0 ? 0 : 1 }),
    ports: (byAddress ? (check: Check) => check : optional)(
      listOf(
        (value) =>
          externalPort(value, { address: byAddress }) ?? ofGateway((value as ExternalPort).port, refOf(gateway)),
        { atLeast: byAddress ? 1 : 0 },
      ),
    ),
    timeouts: optional((value) => {
      const found = setOf({
        idle: optional((written) => idle(written) ?? letBy(written as Duration, gateway)),
        connect: optional((written) => time("connect", written)),
        request: optional((written) => time("request", written)),
      })(value);
      return found !== undefined && found.length > 0
        ? found
        : patienceOf({ name, hosts, protocols: spoken, timeouts: value as Timeouts, via, gateway });
    }),
    originate: optional(
      (value) => origination(value) ?? knownTo({ name, hosts, originate, protocols: spoken, gateway }),
    ),
    private: optional((value) => rangesOfHosts(value) ?? heldTo({ name, hosts, private: ranges, gateway })),
    via: optional(
      (value) =>
        proxy(value) ?? reachedBy({ name, hosts, protocols: spoken, ports, originate, private: ranges, via, gateway }),
    ),
    clients: listOf(client, { atLeast: 1 }),
    gateway: gatewayRef,
  };
}

const noHost: Check = () => "A destination has hosts or addresses, and not both";

const noProtocol: Check = () => "What is called by its address goes as bytes, on the ports that are listed";

/** What is said of a gateway, be it in disorder. */
function refOf(gateway: unknown): Partial<GatewayRef> {
  return isObject(gateway) ? gateway : {};
}

/** A gateway refuses what only begins as addresses that it was told of, and reaches private ones of these only. */
function calledBy(addresses: string, { name, gateway }: Pick<Partial<DestinationArgs>, "name" | "gateway">) {
  const { mesh, addresses: known = [], privateHosts: led = [] } = refOf(gateway);
  if (!forwardingOf(mesh).connects) {
    return "Sidecars lead addresses to a gateway by an EnvoyFilter, and this mesh takes none";
  }
  if (!known.includes(addresses)) {
    return `The gateway does not know of it: give ${addresses} to the gateway's addresses as well`;
  }
  return isPublic(addresses) || led.find(({ destination }) => destination === name)?.hosts.includes(addresses)
    ? undefined
    : "The gateway does not know of it: give its privateHosts { destination, hosts: [the address], ranges, ports }";
}

/** The same, with what is spoken there. */
function externalPort(value: unknown, called: CalledBy): ReturnType<Check> {
  const found = setOf({ port, protocol: oneOf(...portProtocols) })(value);
  return found === undefined || found.length === 0 ? portProblem(value as ExternalPort, called)?.problem : found;
}

function ofGateway(number: number, { mesh, ports = [] }: Partial<GatewayRef>): string | undefined {
  if (!forwardingOf(mesh).connects) {
    return "Gateways reach ports beside 80 and 443 by an EnvoyFilter, and this mesh takes none";
  }
  return ports.includes(number)
    ? undefined
    : `The gateway has no port ${number}: give it to the gateway's ports as well`;
}

/** A gateway closes what is silent for longer than it was told of, whatever a destination says. */
function letBy(value: Duration, gateway: unknown): string | undefined {
  const { mesh, idleTimeout = defaultIdle } = refOf(gateway);
  return idle(idleTimeout) === undefined &&
    forwardingOf(mesh).name === "byName" &&
    secondsOf(value) > secondsOf(idleTimeout)
    ? `The gateway closes connections that are silent for ${idleTimeout}: give it ${value} as its idleTimeout`
    : undefined;
}

/** A gateway waits for hosts as it was told, whatever a destination says. */
function patienceOf(
  args: Pick<Partial<DestinationArgs>, "name" | "hosts" | "protocols" | "timeouts" | "via" | "gateway">,
): string | undefined {
  const { name, hosts = [], protocols: spoken = [], timeouts: { connect, request } = {}, via, gateway } = args;
  if (connect === undefined && request === undefined) {
    return undefined;
  }
  if (via !== undefined) {
    return "connect and request have no place beside via: the proxy connects to the host, and the gateway sees no requests";
  }
  if (request !== undefined && !spoken.includes("http")) {
    return "A gateway sees requests over http only, and http is not among the protocols";
  }
  if (hosts.length === 0) {
    return "connect and request are for hosts that are listed by their names";
  }
  const wildcard = hosts.find(isWildcard);
  if (wildcard !== undefined) {
    return `connect and request are for hosts that are listed by their whole names, and ${wildcard} is none`;
  }
  const { mesh, timedHosts: known = [] } = refOf(gateway);
  const told = known.find(({ destination }) => destination === name);
  return forwardingOf(mesh).name !== "byName" ||
    (told !== undefined &&
      told.connect === connect &&
      told.request === request &&
      hosts.every((host) => told.hosts.includes(host)))
    ? undefined
    : "The gateway does not know of connect and request: give its timedHosts { destination, hosts, ports, connect, request } as here";
}

/** A gateway opens TLS only to hosts that it was told of, or a destination's requests would go nowhere. */
function knownTo(args: Partial<DestinationArgs>): string | undefined {
  const { name, hosts = [], originate, protocols: spoken = [], gateway } = args;
  const { mesh, originates = [] } = refOf(gateway);
  if (!forwardingOf(mesh).connects) {
    return "Gateways open TLS by an EnvoyFilter, and this mesh takes none";
  }
  if (!spoken.includes("http")) {
    return "The gateway opens TLS for what is called by http, and http is not among the protocols";
  }
  const known = originates.find(({ destination }) => destination === name);
  const way = wayOf(originate ?? {});
  const isKnown =
    known !== undefined &&
    JSON.stringify(wayOf(known)) === JSON.stringify(way) &&
    hosts.every((host) => known.hosts.includes(host));
  return isKnown
    ? undefined
    : `The gateway does not know of it: give its originates { ${["destination", "hosts", ...Object.keys(way)].join(", ")} } as here`;
}

/** A gateway reaches private ranges only of hosts that it was told of, and leads them nowhere else. */
function heldTo({ name, hosts = [], private: ranges = [], gateway }: Partial<DestinationArgs>): string | undefined {
  const { mesh, privateHosts: known = [] } = refOf(gateway);
  if (!forwardingOf(mesh).connects) {
    return "Gateways hold a host to ranges of its own by an EnvoyFilter, and this mesh takes none";
  }
  const told = known.find(({ destination }) => destination === name);
  return told !== undefined &&
    hosts.every((host) => told.hosts.includes(host)) &&
    sortedUnique(told.ranges).join() === sortedUnique(ranges).join()
    ? undefined
    : "The gateway does not know of it: give its privateHosts { destination, hosts, ranges, ports } as here";
}

/** A gateway asks a proxy only for hosts that it was told of. */
function reachedBy(args: Partial<DestinationArgs>): string | undefined {
  const { name, hosts = [], protocols: spoken = [], ports = [], originate, private: ranges, via, gateway } = args;
  const { mesh, proxies = [] } = refOf(gateway);
  if (!forwardingOf(mesh).connects) {
    return "Gateways ask a proxy by an EnvoyFilter, and this mesh takes none";
  }
  if (spoken.includes("http") || originate !== undefined || ranges !== undefined) {
    return "Through a proxy goes TLS of the application's own, and other ports as bytes: no http, no originate, no private ranges";
  }
  const told = proxies.find(({ destination }) => destination === name);
  const asked = [...(spoken.includes("https") ? [externalPorts.tls] : []), ...ports.map(({ port }) => port)];
  return told !== undefined &&
    told.proxy === via?.proxy &&
    sortedUnique(told.ranges ?? []).join() === sortedUnique(via.private ?? []).join() &&
    hosts.every((host) => told.hosts.includes(host)) &&
    asked.every((port) => told.ports.includes(port))
    ? undefined
    : `The gateway does not know of it: give its proxies { destination, hosts, proxy, ${via?.private === undefined ? "" : "ranges, "}ports } as here`;
}
