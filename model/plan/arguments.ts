import {
  checkIdentityName,
  checkOwnNamespace,
  checkServiceAccount,
  checkServiceName,
} from "../config/kubernetes-names";
import { isPublic } from "../config/addresses";
import { SourceContext, sourceProblems } from "../config/ingress";
import { ProxyConfig, proxyProblems } from "../config/proxy";
import { originationProblems } from "../config/origination";
import { outsideProblems } from "../config/outside-service";
import { privateRangeProblems } from "../config/private";
import { guards, madeWorkloadSchema } from "../config/schema";
import { objectRules, podRules } from "../ground/admission";
import { forwardingOf } from "../ground/forwarding";
import { IngressSource } from "../ground/ingress";
import { isWildcard } from "../ground/hosts";
import { externalPorts } from "../ground/names";
import { isObject } from "../ground/objects";
import { sortedUnique } from "../ground/order";
import { ownNamespaceLabels } from "../ground/labels";
import { CalledBy, ExternalPort, portProblem } from "../ground/ports";
import { Origination, wayOf } from "../ground/origination";
import { portProtocols, protocols } from "../ground/protocols";
import { checkTimeout, Timeouts, defaultIdle, Duration, secondsOf } from "../ground/timeouts";
import * as check from "./check";
import type {
  DestinationArgs,
  GatewayArgs,
  GatewayRef,
  MetricsArgs,
  NamespaceArgs,
  OriginatedHosts,
  OutsideArgs,
} from "./args";
import { Check, Sense } from "./check";

/**
 * What each planner asks of its arguments, beside their types: a program may be in JavaScript, and a text may be empty, a
 * wildcard or missing. Where one thing means one thing, the configuration is held to the same.
 */

const { label, listOf, mesh, oneOf, optional, port, setOf, text, wholeNumber } = check;

/** The domain name system, as pods ask it. */
const dns = { resolvers: optional(listOf(check.address)), dnsPort: optional(port) };

const gatewayRef = setOf({
  name: label,
  namespace: label,
  mesh,
  ports: optional(listOf(otherPort)),
  idleTimeout: optional(idle),
  originates: optional(listOf(originatedHosts)),
  privateHosts: optional(listOf(privateHosts)),
  addresses: optional(listOf(check.nameless)),
  timedHosts: optional(listOf(timedHosts)),
  wildcards: optional(listOf(setOf({ host: check.wildcard, except: optional(listOf(check.host)) }))),
  proxies: optional((value) => listOf(proxiedHosts)(value)),
});

const portsBySpoken = setOf(Object.fromEntries(protocols.map((protocol) => [protocol, optional(port)])));

const guardedNamespaces = listOf(label, { atLeast: 1 });

export const meshChecks: Record<string, Check> = {
  version: text((written) =>
    /^\d+\.\d+\.\d+/.test(written)
      ? undefined
      : { problem: "Not a version of Istio", allowed: "three numbers, as 1.31.1" },
  ),
  charts: text(),
  values: setOf({}),
  forceClientMtls: optional(oneOf(true, false)),
  discovered: optional(listOf(label)),
  resolver: optional(
    setOf({
      address: check.address,
      namespaces: listOf(setOf({ name: label, except: optional(listOf(check.labels({ atLeast: 1 }))) }), {
        atLeast: 1,
      }),
    }),
  ),
};

export const egressNamespaceChecks: Record<string, Check> = {
  name: text(checkOwnNamespace),
  mesh,
  // Without any, nobody reaches a gateway.
  guardedNamespaces: listOf(label),
  ...dns,
  known: optional(
    listOf(
      setOf({
        host: check.knownHost,
        addresses: listOf(check.address, { atLeast: 1 }),
        ports: portsBySpoken,
        namespaces: listOf(label, { atLeast: 1 }),
      }),
    ),
  ),
};

export const resolverChecks: Record<string, Check> = {
  namespace: text(checkOwnNamespace),
  address: check.address,
  image: text(),
  replicas: wholeNumber(2, 1000),
  askers: listOf(label),
  zones: listOf(label, { atLeast: 1 }),
  hosts: listOf(check.host),
  except: optional(listOf(check.host)),
};

export const metricsChecks: Record<string, Check> = {
  namespace: text(checkOwnNamespace),
  gateways: listOf(label, { atLeast: 1 }),
  namespaces: listOf(label),
  prometheus: setOf({ namespace: label, selector: check.labels({ atLeast: 1 }) }),
  operator: optional(oneOf(true, false)),
  labels: optional(check.labels({ taken: ["app.kubernetes.io/managed-by"] })),
  dates: optional(
    listOf(setOf({ what: oneOf("ends", "review"), name: text(), at: text(checkMoment), owner: optional(text()) })),
  ),
};

/** Guarded pods reach gateways on the ports of calls only. */
export const metricsSense: Sense<MetricsArgs> = ({ namespace, namespaces = [], prometheus }) =>
  prometheus !== undefined && [namespace, ...namespaces].includes(prometheus.namespace)
    ? [
        {
          argument: "prometheus.namespace",
          problem: `${prometheus.namespace} is guarded, or the gateways' own, so Prometheus could not reach the gateways from there`,
        },
      ]
    : [];

export const gatewayChecks: Record<string, Check> = {
  name: text(checkIdentityName, checkServiceName),
  namespace: text(checkOwnNamespace),
  mesh,
  replicas: wholeNumber(2, 1000),
  // Fewer than `replicas` are what a small pool of nodes has room for.
  maxReplicas: optional(wholeNumber(1, 1000)),
  ports: optional(listOf(otherPort)),
  idleTimeout: optional(idle),
  observed: optional(listOf(client, { atLeast: 1 })),
  wildcards: optional(listOf(setOf({ host: check.wildcard, except: optional(listOf(check.host)) }))),
  originates: optional(listOf(originatedHosts)),
  ends: optional(
    listOf(
      setOf({
        destination: label,
        hosts: listOf((each) => (check.nameless(each) === undefined ? undefined : check.host(each)), { atLeast: 1 }),
        except: optional(listOf(check.host)),
        clients: listOf(endingClient, { atLeast: 1 }),
        until: text(checkMoment),
      }),
    ),
  ),
  privateHosts: optional(listOf(privateHosts)),
  addresses: optional(listOf(check.nameless)),
  counts: optional(
    listOf(
      setOf({
        destination: label,
        hosts: listOf((each) => (check.nameless(each) === undefined ? undefined : check.host(each)), { atLeast: 1 }),
        protocols: listOf(oneOf(...protocols)),
        ports: optional(listOf(port)),
        reported: optional(listOf(endingClient)),
      }),
    ),
  ),
  timedHosts: optional(listOf(timedHosts)),
  proxies: optional((value) => listOf(proxiedHosts)(value)),
};

const who = setOf({ users: listOf(text()), groups: listOf(text()) });

const somebody: Check = (value) =>
  isObject(value) && [value.users, value.groups].every((list) => Array.isArray(list) && list.length === 0)
    ? "Must not be empty: a role that is for nobody is none"
    : who(value);

export const rolesChecks: Record<string, Check> = {
  gatewayNamespace: label,
  gateways: listOf(label, { atLeast: 1 }),
  namespaces: listOf(label),
  made: listOf(setOf({ namespace: label, name: label })),
  mesh,
  admission: optional(oneOf(true, false)),
  resolver: optional(oneOf(true, false)),
  monitored: optional(oneOf(true, false)),
  change: optional(somebody),
  deploy: optional(listOf((value) => [...listed(setOf({ namespace: label })(value)), ...listed(somebody(value))])),
  look: optional(somebody),
  probe: optional(somebody),
};

function listed(found: ReturnType<Check>): Exclude<ReturnType<Check>, string | undefined> {
  return found === undefined ? [] : typeof found === "string" ? [{ argument: "", problem: found }] : found;
}

export const admissionChecks: Record<string, Check> = {
  mode: oneOf("warn", "deny"),
  platform: (value) =>
    isObject(value) && [value.users, value.groups].every((list) => Array.isArray(list) && list.length === 0)
      ? "Must not be empty: nobody could change what the policies are about, nor apply the stack again"
      : who(value),
  gatewayNamespace: label,
  gateways: listOf(label, { atLeast: 1 }),
  namespaces: listOf(label),
  mesh,
  workloads: listOf(
    setOf({
      name: label,
      namespace: label,
      serviceAccount: text(checkServiceAccount),
      selector: check.labels({ atLeast: 1 }),
      granted: oneOf(true, false),
      owners: who,
      bypassed: optional(listOf(check.addressOrRange)),
    }),
  ),
  registries: optional(listOf(text())),
  proxyImage: optional(text()),
  audiences: optional(listOf(text())),
  exec: optional(oneOf(true, false)),
  exemptions: optional(
    listOf(
      setOf({
        rule: oneOf(...podRules, ...objectRules),
        namespace: label,
        serviceAccount: optional(text(checkServiceAccount)),
        object: optional(text()),
      }),
    ),
  ),
};

export const namespaceChecks = ({
  guardedNamespaces: guarded,
  gatewayNamespace,
}: Partial<NamespaceArgs>): Record<string, Check> => ({
  name: label,
  mesh,
  labels: optional(check.labels({ taken: ownNamespaceLabels })),
  existing: optional(oneOf(true, false)),
  guard: optional(oneOf(...guards)),
  guardedNamespaces,
  peers: optional(listOf(label)),
  ingress: optional(
    setOf({
      from: listOf(ingressSource({ guarded: new Set(Array.isArray(guarded) ? guarded : []), gatewayNamespace })),
    }),
  ),
  gatewayNamespace: label,
  hosts: optional(listOf(check.knownHost)),
  observed: optional(oneOf("nobody", "workloads", "all")),
  ...dns,
  allowedNames: optional(oneOf(true, false)),
  counts: optional(oneOf(true, false)),
  askingFreely: optional(listOf(setOf({ workload: text(checkIdentityName), selector: check.labels({ atLeast: 1 }) }))),
});

const sourceShape = setOf({
  namespace: optional(text()),
  selector: optional(check.labels()),
  addresses: optional(listOf(text(), { atLeast: 1 })),
  ports: optional(listOf(port, { atLeast: 1 })),
  reason: optional(text()),
});

/** One who may open connections, of the form that the configuration asks for and by its rules. */
function ingressSource(context: SourceContext): Check {
  return (value) => {
    const malformed = sourceShape(value);
    if (malformed === undefined || typeof malformed === "string" || malformed.length > 0) {
      return malformed;
    }
    return sourceProblems(value as IngressSource, context).map(({ at, problem, allowed }) => ({
      argument: placeOf(at),
      problem: `${problem}${allowed === undefined ? "" : `; allowed: ${allowed}`}`,
    }));
  };
}

export const workloadChecks: Record<string, Check> = {
  name: text(checkIdentityName),
  namespace: label,
  mesh,
  serviceAccount: optional(text(checkServiceAccount)),
  selector: optional(check.labels({ atLeast: 1 })),
  made: optional(made),
  hosts: listOf(check.knownHost),
  bypassed: optional(listOf(check.addressOrRange)),
  beside: optional(listOf(setOf({ addresses: listOf(check.addressOrRange, { atLeast: 1 }), ports: portsBySpoken }))),
  tunnels: optional(oneOf(true, false)),
  observed: optional(oneOf(true, false)),
  resolver: optional(check.address),
  guardedNamespaces,
  peers: optional(listOf(label)),
  gatewayNamespace: label,
};

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
          externalPort(value, { address: byAddress }) ??
          ofGateway((value as ExternalPort).port, isObject(gateway) ? gateway : {}),
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

/** A gateway refuses what only begins as addresses that it was told of, and reaches private ones of these only. */
function calledBy(addresses: string, { name, gateway }: Pick<Partial<DestinationArgs>, "name" | "gateway">) {
  const { mesh, addresses: known = [], privateHosts: led = [] }: Partial<GatewayRef> = isObject(gateway) ? gateway : {};
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

function ofGateway(number: number, { mesh, ports = [] }: Partial<GatewayRef>): string | undefined {
  if (!forwardingOf(mesh).connects) {
    return "Gateways reach ports beside 80 and 443 by an EnvoyFilter, and this mesh takes none";
  }
  return ports.includes(number)
    ? undefined
    : `The gateway has no port ${number}: give it to the gateway's ports as well`;
}

function idle(value: unknown): ReturnType<Check> {
  return time("idle", value);
}

/** A time as it is planned with: of the units the greatest that takes no fraction. */
function time(kind: keyof Timeouts, value: unknown): string | undefined {
  const found = typeof value === "string" ? checkTimeout(kind, value) : { problem: "Not a text", allowed: "as 2h" };
  return "problem" in found ? `${found.problem}; allowed: ${found.allowed}` : undefined;
}

/** A gateway closes what is silent for longer than it was told of, whatever a destination says. */
function letBy(value: Duration, gateway: unknown): string | undefined {
  const { mesh, idleTimeout = defaultIdle }: Partial<GatewayRef> = isObject(gateway) ? gateway : {};
  return idle(idleTimeout) === undefined &&
    forwardingOf(mesh).name === "byName" &&
    secondsOf(value) > secondsOf(idleTimeout)
    ? `The gateway closes connections that are silent for ${idleTimeout}: give it ${value} as its idleTimeout`
    : undefined;
}

function timedHosts(value: unknown): ReturnType<Check> {
  return setOf({
    destination: label,
    hosts: listOf(check.exactHost, { atLeast: 1 }),
    ports: listOf(port, { atLeast: 1 }),
    connect: optional((written) => time("connect", written)),
    request: optional((written) => time("request", written)),
  })(value);
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
  const { mesh, timedHosts: known = [] }: Partial<GatewayRef> = isObject(gateway) ? gateway : {};
  const told = known.find(({ destination }) => destination === name);
  return forwardingOf(mesh).name !== "byName" ||
    (told !== undefined &&
      told.connect === connect &&
      told.request === request &&
      hosts.every((host) => told.hosts.includes(host)))
    ? undefined
    : "The gateway does not know of connect and request: give its timedHosts { destination, hosts, ports, connect, request } as here";
}

function originatedHosts(value: unknown): ReturnType<Check> {
  return (
    setOf({
      destination: label,
      hosts: listOf(check.host, { atLeast: 1 }),
      ca: optional(text()),
      clientCertificate: optional(text()),
      http2: optional(oneOf(true, false)),
    })(value) ?? origination(wayOf(value as OriginatedHosts))
  );
}

function origination(value: unknown): ReturnType<Check> {
  const shape = setOf({
    methods: optional(listOf(text(), { atLeast: 1 })),
    paths: optional(listOf(text(), { atLeast: 1 })),
    ca: optional(text()),
    clientCertificate: optional(text()),
    http2: optional(oneOf(true, false)),
  })(value);
  if (shape !== undefined && shape.length > 0) {
    return shape;
  }
  const problems = originationProblems(value as Origination, new Date());
  return problems.length === 0
    ? undefined
    : problems.map(({ at, problem, allowed }) => ({
        argument: placeOf(at),
        problem: `${problem}${allowed === undefined ? "" : `; allowed: ${allowed}`}`,
      }));
}

/** A gateway opens TLS only to hosts that it was told of, or a destination's requests would go nowhere. */
function knownTo(args: Partial<DestinationArgs>): string | undefined {
  const { name, hosts = [], originate, protocols: spoken = [], gateway } = args;
  const { mesh, originates = [] }: Partial<GatewayRef> = isObject(gateway) ? gateway : {};
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

/** Ranges that names lead into: none that a configuration could not have. */
function rangesOfHosts(value: unknown): ReturnType<Check> {
  const found = listOf(
    text((written) => privateRangeProblems(written)[0]),
    { atLeast: 1 },
  )(value);
  return found === undefined || found.length === 0 ? undefined : found;
}

function privateHosts(value: unknown): ReturnType<Check> {
  return setOf({
    destination: label,
    hosts: listOf((each) => (check.nameless(each) === undefined ? undefined : check.exactHost(each)), { atLeast: 1 }),
    ranges: rangesOfHosts,
    ports: listOf(port, { atLeast: 1 }),
  })(value);
}

/** A gateway reaches private ranges only of hosts that it was told of, and leads them nowhere else. */
function heldTo({ name, hosts = [], private: ranges = [], gateway }: Partial<DestinationArgs>): string | undefined {
  const { mesh, privateHosts: known = [] }: Partial<GatewayRef> = isObject(gateway) ? gateway : {};
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

/** An outside proxy: none that a configuration could not have. */
function proxy(value: unknown): ReturnType<Check> {
  const shape = setOf({ proxy: text(), private: optional(listOf(text(), { atLeast: 1 })) })(value);
  if (shape !== undefined && shape.length > 0) {
    return shape;
  }
  const problems = proxyProblems(value as ProxyConfig);
  return problems.length === 0 ? undefined : problems.map(({ at, problem }) => ({ argument: placeOf(at), problem }));
}

/** A gateway asks a proxy only for hosts that it was told of. */
function reachedBy(args: Partial<DestinationArgs>): string | undefined {
  const { name, hosts = [], protocols: spoken = [], ports = [], originate, private: ranges, via, gateway } = args;
  const { mesh, proxies = [] }: Partial<GatewayRef> = isObject(gateway) ? gateway : {};
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

const proxiedHosts = setOf({
  destination: label,
  hosts: listOf(check.exactHost, { atLeast: 1 }),
  proxy: (value) => (typeof value === "string" ? proxy({ proxy: value }) : "Not a text"),
  ranges: optional(rangesOfHosts),
  ports: listOf(port, { atLeast: 1 }),
});

export const outsideChecks: Record<string, Check> = {
  name: text(),
  namespace: label,
  addresses: listOf(text(), { atLeast: 1 }),
  ports: portsBySpoken,
  via: oneOf("service", "bypass"),
  clientMtls: optional(oneOf("disabled", "mesh")),
  clients: optional(listOf(label, { atLeast: 1 })),
  gatewayNamespace: label,
};

/** What the configuration says against a service beside the mesh, whose arguments are of the right types. */
export const outsideSense: Sense<OutsideArgs> = ({ name, addresses, ports, via, clientMtls }) =>
  outsideProblems({
    name,
    ports,
    via,
    ...(Array.isArray(addresses) && addresses.every((address) => typeof address === "string") ? { addresses } : {}),
    // What is said nowhere is there as a default.
    ...(clientMtls === "mesh" ? { clientMtls } : {}),
  }).map(({ at, value, problem, allowed }) => {
    const [argument, ...place] = at.length === 0 ? ["name"] : at;
    const shown = typeof value === "string" ? `${JSON.stringify(value)}: ` : "";
    return {
      argument: `${String(argument)}${placeOf(place)}`,
      problem: `${shown}${problem}${allowed === undefined ? "" : `; allowed: ${allowed}`}`,
    };
  });

/** A port beside the protocols' own, by its number alone. */
function otherPort(value: unknown): ReturnType<Check> {
  return port(value) ?? portProblem({ port: value as number, protocol: "tcp" }, { address: true })?.problem;
}

/** The same, with what is spoken there. */
function externalPort(value: unknown, called: CalledBy): ReturnType<Check> {
  const found = setOf({ port, protocol: oneOf(...portProtocols) })(value);
  return found === undefined || found.length === 0 ? portProblem(value as ExternalPort, called)?.problem : found;
}

type GatewayNeeds = Pick<
  GatewayArgs,
  "mesh" | "ends" | "counts" | "proxies" | "privateHosts" | "timedHosts" | "originates"
>;

/** Hosts of proxies have one way: with another one beside it Envoy would refuse all that the gateway has. */
const proxiesSense: Sense<GatewayNeeds> = ({ mesh: of, proxies = [], ...others }) => {
  const { privateHosts = [], timedHosts = [], originates = [] } = others;
  const elsewhere = new Map(
    Object.entries({ privateHosts, timedHosts, originates }).flatMap(([argument, each]) =>
      each.flatMap(({ hosts }) => hosts.map((host) => [host, argument] as const)),
    ),
  );
  const first = new Map<string, number>();
  return [
    ...(proxies.length === 0 || forwardingOf(of).connects
      ? []
      : [{ argument: "proxies", problem: "Gateways ask a proxy by an EnvoyFilter, and this mesh takes none" }]),
    ...proxies.flatMap(({ hosts }, index) =>
      hosts.flatMap((host) => {
        const other = elsewhere.get(host) ?? (first.has(host) ? `proxies[${first.get(host)}]` : undefined);
        first.set(host, first.get(host) ?? index);
        return other === undefined
          ? []
          : [{ argument: `proxies[${index}].hosts`, problem: `${host} is in ${other} as well, and has one way only` }];
      }),
    ),
  ];
};

/** A gateway that asks for no time would let ended access pass; and one that counts nothing looks as if there were no calls. */
export const gatewaySense: Sense<GatewayNeeds> = (args) => {
  const { mesh: of, ends = [], counts } = args;
  const { ends: asksForTime, hasLog } = forwardingOf(of);
  return [
    ...(ends.length === 0 || asksForTime
      ? []
      : [{ argument: "ends", problem: "This mesh takes no EnvoyFilter, by which gateways ask for the time" }]),
    ...(counts === undefined || hasLog ? [] : [{ argument: "counts", problem: noCounters }]),
    ...proxiesSense(args),
  ];
};

/** Sidecars count by an EnvoyFilter as well. */
export const namespaceSense: Sense<Pick<NamespaceArgs, "mesh" | "counts">> = ({ mesh: of, counts }) =>
  counts !== true || forwardingOf(of).hasLog ? [] : [{ argument: "counts", problem: noCounters }];

const noCounters = "This mesh takes no EnvoyFilter, by which proxies count calls";

/** A client whose access ends; of a namespace as a whole some may go on. */
function endingClient(value: unknown): ReturnType<Check> {
  const found = client(value);
  const isSound = found === undefined || (Array.isArray(found) && found.length === 0);
  return isSound ? setOf({ but: optional(listOf(text(checkServiceAccount))) })(value) : found;
}

/** One identity, or every one of a namespace where that is said in so many words: anything else must not come to mean it. */
function client(value: unknown): ReturnType<Check> {
  if (!isObject(value)) {
    return "Not a client: a namespace and a ServiceAccount";
  }
  const everyone = "everyServiceAccount" in value;
  const whole = setOf({ namespace: label, everyServiceAccount: oneOf(true) });
  const single = setOf({ namespace: label, serviceAccount: text(checkServiceAccount) });
  return everyone && "serviceAccount" in value
    ? "Either one ServiceAccount or every one, and not both"
    : everyone
      ? whole(value)
      : single(value);
}

/** What a workload is made of, by the configuration's own schema; its values are never in a problem. */
function made(value: unknown): ReturnType<Check> {
  if (!isObject(value)) {
    return "Not what a workload could be made of";
  }
  const result = madeWorkloadSchema.safeParse({ ...value, namespace: "any" });
  return result.error?.issues.map((issue) => ({ argument: placeOf(issue.path), problem: issue.message }));
}

function checkMoment(written: string): { problem: string; allowed: string } | undefined {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(written) && !Number.isNaN(Date.parse(written))
    ? undefined
    : { problem: "Not a moment in UTC", allowed: "as 2027-07-01T00:00:00Z" };
}

function placeOf(path: PropertyKey[]): string {
  return path.map((segment) => (typeof segment === "number" ? `[${segment}]` : `.${String(segment)}`)).join("");
}
