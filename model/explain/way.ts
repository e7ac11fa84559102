import { isPublic } from "../config/addresses";
import { gatewaysOf } from "../config/gateway-of";
import { meshTraits } from "../config/mesh-traits";
import { StackConfig } from "../config/types";
import { connectPorts, DestinationTarget, grantsOf, isByAddress, protocolsOf } from "../grants";
import { Forwarding, forwardingOf } from "../ground/forwarding";
import { hostEntryName, selfAndWildcards } from "../ground/hosts";
import { allowPolicyName, hostObjectName, namespaceOf, outerSni, principal, refusePolicyName } from "../ground/names";
import { needsDnsCapture } from "../ground/pods/proxy-config";
import { isConnect, serverFirst } from "../ground/ports";
import { connect, defaultPort, protocolTable } from "../ground/protocols";
import { Origination } from "../ground/origination";
import { listNames } from "../ground/suggest";
import { portsPolicyName } from "../plan/gateway-connect";
import { wayOutTo } from "../plan/gateway-parts";
import { addressWay } from "./addresses";
import { aroundSidecar, sidecarOf } from "./around";
import { Call } from "./call";
import type { Question } from "./external";
import { Step } from "./types";

/** The way of a call that is allowed, from the application to the host. */
export function allowedWay(question: Question & { target: DestinationTarget; listed: string }): Step[] {
  const { config, from, call, target, listed } = question;
  const known = hostObjectName(listed);
  const { home, gateway, guard, identity, forwarding } = placesOf(question);
  if (isByAddress(target)) {
    return addressWay({
      ...question,
      places: { home, gateway, identity },
      idle: closedWhenIdle(target, call),
      source: isPublic(listed) ? sourceAddresses(config, target) : "",
    });
  }
  const knownIn = forwarding.hostsKnownIn === "caller" ? home : gateway;
  const entry = hostEntryName({ ...target, apart: connectPorts(target).length > 0 }, listed);
  if (isConnect(call)) {
    return tunnelledWay(question);
  }
  const { originate } = target.config;
  const opensTls = originate !== undefined && call.protocol === "http";
  const limited = opensTls && (originate.methods ?? originate.paths) !== undefined;
  const forwardedBy = forwarding.onwardsBy({ gateway: guard, namespace: gateway, host: call.host, entry });
  return [
    {
      at: `the sidecar of ${from}`,
      what:
        listed === call.host
          ? `knows ${call.host}, and that it is reached through the gateway`
          : `knows ${listed}, and that every such name is reached through the gateway`,
      by: [sidecarOf(from), `ServiceEntry/${knownIn}/${entry}`],
    },
    {
      at: "from the sidecar to the gateway",
      what: `goes in mutual TLS with ${outerSni(listed)} as its SNI${call.protocol === "https" ? ", around the application's own TLS" : ""}${closedWhenIdle(target, call)}`,
      by: [`DestinationRule/${knownIn}/${known}`, `NetworkPolicy/${home}/egress-to-gateway`],
    },
    {
      at: "the gateway",
      what: `lets ${identity} pass to ${listed === call.host ? "this name" : `names below ${listed.slice(2)}`}${limited ? ", with these methods and paths" : ""}`,
      by: [`AuthorizationPolicy/${gateway}/${allowPolicyName(target.name)}`],
    },
    {
      at: "from the gateway to the host",
      what:
        target.config.via !== undefined
          ? askingProxy(target, `${call.host}:${call.port}`)
          : opensTls
            ? `${forwarding.onwards}${intoRanges(target)}, opens TLS to ${call.host}:${defaultPort("https")}${sourceAddresses(config, target)}, and goes on if the certificate ` +
              `has this name and is signed by ${originate.ca === undefined ? "a public authority" : "an authority of originate.ca"}` +
              shownTo(originate, gateway) +
              waits(target, call)
            : `${forwarding.onwards}${intoRanges(target)}, and forwards to ${call.host}:${call.port}${sourceAddresses(config, target)}${waits(target, call)}`,
      by: [...forwardedBy, wayOut(question, "egress-to-outside")],
    },
  ];
}

/** The way on a port of a destination's own: bytes, from the sidecar on in an HTTP CONNECT request. */
function tunnelledWay(question: Question & { target: DestinationTarget }): Step[] {
  const { config, from, call, target } = question;
  const { home, gateway, guard, identity, forwarding } = placesOf(question);
  const { host, port } = call;
  const entry = hostEntryName({ ...target, apart: true }, host);
  const named = { gateway: guard, namespace: gateway, host, entry };
  const workload = grantsOf(config).workloads.get(from);
  const speaks = serverFirst[port];
  return [
    {
      at: `the sidecar of ${from}`,
      what: `answers its pod's DNS, so that ${host} has an address of its own, and knows port ${port} of it`,
      by: [
        sidecarOf(from),
        ...(workload?.made === undefined ? [] : [`Deployment/${from}`]),
        `ServiceEntry/${gateway}/${entry}`,
      ],
    },
    ...(workload?.made === undefined
      ? [{ at: `the pods of ${from}`, what: `${needsDnsCapture}; their owners see to that`, by: [] }]
      : []),
    {
      at: "from the sidecar to the gateway",
      what: `goes in mutual TLS as a request to CONNECT to ${host}:${port}, and then as bytes${closedWhenIdle(target, call)}`,
      by: [
        `DestinationRule/${gateway}/${host}`,
        `VirtualService/${gateway}/${host}`,
        `NetworkPolicy/${home}/egress-to-gateway`,
      ],
    },
    {
      at: "the gateway",
      what: `lets ${identity} pass to this name and port`,
      by: [`AuthorizationPolicy/${gateway}/${allowPolicyName(target.name)}`],
    },
    {
      at: "from the gateway to the host",
      what:
        (target.config.via !== undefined
          ? askingProxy(target, `${host}:${port}`)
          : `${forwarding.onwards}${intoRanges(target)}, and connects to ${host}:${port}${sourceAddresses(config, target)}`) +
        (speaks === undefined
          ? ""
          : `; as on ${speaks}'s port, a server may speak first` +
            (call.protocol === "tcp"
              ? ""
              : `, and who speaks ${call.protocol} there gets its greeting for an answer`)) +
        waits(target, call),
      by: [...forwarding.onwardsBy(named), wayOut(question, portsPolicyName(guard))],
    },
  ];
}

/** How long the gateway waits for the host, where that is said. */
function waits({ config: { timeouts } }: DestinationTarget, call: Call): string {
  const { connect, request } = timeouts ?? {};
  const isRequest = call.protocol === "http" && !isConnect(call);
  return [
    ...(connect === undefined ? [] : [`; the host has ${connect} to accept a connection`]),
    ...(request === undefined || !isRequest ? [] : [`; after ${request} without the whole answer it is 504`]),
  ].join("");
}

/** What the host gets of the gateway beside the request: a certificate, and another version of HTTP. */
function shownTo({ clientCertificate, http2 }: Origination, gateway: string): string {
  return [
    ...(clientCertificate === undefined
      ? []
      : [`; it shows the certificate in the Secret ${gateway}/${clientCertificate} to a host that asks for one`]),
    ...(http2 === true ? ["; it speaks HTTP/2 to the host, whatever the application speaks"] : []),
  ].join("");
}

/** Where the name may lead, for a destination with private ranges. */
function intoRanges({ config: { private: ranges } }: DestinationTarget): string {
  return ranges === undefined ? "" : `, goes on only if that leads into ${listNames(ranges)}`;
}

/** The NetworkPolicy that lets the gateway out: of the destination's private ranges, or of public addresses. */
function wayOut({ config, target }: Question & { target: DestinationTarget }, toPublic: string): string {
  return `NetworkPolicy/${config.gateway.namespace}/${wayOutTo(target) ?? toPublic}`;
}

/** What the gateway does of hosts that it reaches through a proxy. */
function askingProxy({ config: { via } }: DestinationTarget, place: string): string {
  return `asks the proxy ${via!.proxy} for ${place} by CONNECT: the proxy looks the name up, and connects, or refuses`;
}

/** Where a request ends whose host is granted, and whose method or path is not. */
export function refusedRequestWay(question: Question & { target: DestinationTarget; listed: string }): Step[] {
  const { gateway, identity } = placesOf(question);
  return [
    ...allowedWay(question).slice(0, 2),
    {
      at: "the gateway",
      what: `has no policy that lets ${identity} pass with this method and path: ${protocolTable.http.refusal}`,
      by: [`AuthorizationPolicy/${gateway}/${allowPolicyName(question.target.name)}`],
    },
  ];
}

/** What is said of a destination's silent connections; what holds without a word goes without one here. */
function closedWhenIdle({ config: { timeouts } }: DestinationTarget, { protocol, port }: Call): string {
  const bytes = protocol !== "http" || isConnect({ protocol, port });
  return timeouts?.idle === undefined
    ? ""
    : `; it is closed after ${timeouts.idle} without ${bytes ? "a byte" : "a request that is under way"}`;
}

/** Where a call that is not allowed ends, and what stands behind that place. */
export function refusedWay(question: Question): Step[] {
  const { config, from, call } = question;
  const { home, gateway, guard, identity, forwarding } = placesOf(question);
  const gatewayListens =
    (!call.isAddress || question.target !== undefined) && (isConnect(call) ? opensPorts(question) : true);
  const wildcard = wildcardFor(config, from, call);
  if (wildcard !== undefined) {
    return refusedBelow(question, wildcard);
  }
  return [
    { at: `the sidecar of ${from}`, what: endAtSidecar(question), by: [sidecarOf(from)] },
    aroundSidecar(config, home),
    ...(gatewayListens
      ? [
          {
            at: "the gateway",
            what:
              forwarding.ungranted !== undefined && !isGrantedToSomebody(question)
                ? forwarding.ungranted
                : `has no policy that lets ${identity} pass to this ${call.isAddress ? "address" : "name"}${isConnect(call) ? " and port" : ""}: ${refusalOf(call)}`,
            by: [`AuthorizationPolicy/${gateway}/${refusePolicyName(guard)}`],
          },
        ]
      : []),
  ];
}

/** Whether the host's gateway listens for CONNECT: one that has a destination with other ports than 80 and 443. */
function opensPorts({ config, target }: Question): boolean {
  const { targets, to } = grantsOf(config);
  const guard = target?.gateway ?? gatewaysOf(config)[0]!.name;
  return [...targets.values()].some(
    (other) =>
      other.kind === "destination" &&
      other.gateway === guard &&
      to(other.name).length > 0 &&
      connectPorts(other).length > 0,
  );
}

function refusalOf({ protocol, port }: Call): string {
  return protocol === "tcp" || isConnect({ protocol, port }) ? connect.refusal : protocolTable[protocol].refusal;
}

/** A wildcard that a workload is granted. */
interface GrantedWildcard {
  listed: string;
  target: DestinationTarget;
}

/**
 * A wildcard that a workload is granted and that a name is below, in the protocol of the call: its sidecar leads such a
 * call to the gateway, whatever is excepted there. Undefined where there is none.
 */
export function wildcardFor(config: StackConfig, from: string, call: Call): GrantedWildcard | undefined {
  const wildcards = selfAndWildcards(call.host).slice(1);
  const granted = grantsOf(config).reach(from);
  for (const listed of isConnect(call) ? [] : wildcards) {
    for (const { target } of granted) {
      if (
        target.kind === "destination" &&
        target.hosts.includes(listed) &&
        protocolsOf(target).some((protocol) => protocol === call.protocol)
      ) {
        return { listed, target };
      }
    }
  }
  return undefined;
}

/** Where a name ends that is below a granted wildcard and not meant by it. */
function refusedBelow(question: Question, { listed, target }: GrantedWildcard): Step[] {
  const { config, from, call } = question;
  const { home, gateway } = placesOf(question);
  const refusedBy =
    call.protocol === "http"
      ? `AuthorizationPolicy/${gateway}/${allowPolicyName(target.name)}`
      : `EnvoyFilter/${gateway}/${target.gateway}`;
  return [
    {
      at: `the sidecar of ${from}`,
      what: `knows ${listed}, and leads every name below ${listed.slice(2)} to the gateway`,
      by: [sidecarOf(from)],
    },
    {
      at: "the gateway",
      what: `excepts ${call.host} from ${listed}: ${refusalOf(call)}`,
      by: [refusedBy, `AuthorizationPolicy/${gateway}/${refusePolicyName(question.target?.gateway ?? target.gateway)}`],
    },
    aroundSidecar(config, home),
  ];
}

/** Whether a gateway knows the host, for somebody else. */
function isGrantedToSomebody({ config, call, target }: Question): boolean {
  const { way, to } = grantsOf(config);
  return target !== undefined && way(target, call) !== undefined && to(target.name).length > 0;
}

/** What the host sees of a cluster whose network is the stack's own. */
function sourceAddresses({ cluster }: StackConfig, target: DestinationTarget): string {
  return cluster.kind === "gke" && target.config.private === undefined
    ? `, from one of the ${cluster.network.natAddresses} reserved addresses`
    : "";
}

function endAtSidecar({ config, from, call }: Question): string {
  if (call.port === defaultPort("https") && call.protocol === "https") {
    return "knows no such name: the TLS handshake is reset";
  }
  if (call.port === defaultPort("http") && call.protocol === "http" && listensForHttp(config, from)) {
    return "knows no such name: it answers 502 itself";
  }
  return "has no listener for it: the connection is closed";
}

/** Whether the sidecar knows anything on port 80, an external host or in the mesh: without, there is nobody to answer 502. */
function listensForHttp(config: StackConfig, from: string): boolean {
  return (
    config.workloads.some(({ made }) => made?.port !== undefined) ||
    grantsOf(config)
      .reach(from)
      .some(({ target }) => protocolsOf(target).includes("http"))
  );
}

interface Places {
  /** Namespace of the workload. */
  home: string;
  identity: string;
  /** Namespace of the gateways. */
  gateway: string;
  /** The gateway that the host is behind; any of them for a host that no destination has. */
  guard: string;
  forwarding: Forwarding;
}

function placesOf({ config, from, target }: Question): Places {
  const home = namespaceOf(from);
  const mesh = meshTraits(config.mesh);
  const { serviceAccount = from.slice(home.length + 1) } = grantsOf(config).workloads.get(from) ?? {};
  return {
    home,
    identity: principal(mesh, home, serviceAccount),
    forwarding: forwardingOf(mesh),
    gateway: config.gateway.namespace,
    guard: target?.gateway ?? gatewaysOf(config)[0]!.name,
  };
}
