import { isPublic } from "../config/addresses";
import { gatewaysOf } from "../config/gateway-of";
import { meshTraits } from "../config/mesh-traits";
import { heldTo, wayWords } from "../config/traits/told";
import { StackConfig } from "../config/types";
import { connectPorts, DestinationTarget, grantsOf, isByAddress, protocolsOf } from "../grants";
import { Forwarding, forwardingOf } from "../ground/forwarding";
import { hostEntryName, selfAndWildcards } from "../ground/hosts";
import { allowPolicyName, hostObjectName, namespaceOf, outerSni, principal, refusePolicyName } from "../ground/names";
import { needsDnsCapture } from "../ground/pods/proxy-config";
import { isConnect, isRequest, serverFirst } from "../ground/ports";
import { connect, defaultPort, protocolTable } from "../ground/protocols";
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
  const words = wayWords(target.config);
  if (isByAddress(target)) {
    return addressWay({
      ...question,
      places: { home, gateway, identity },
      idle: closedWhen(config, target, call),
      source: isPublic(listed) ? sourceAddresses(config, target) : "",
    });
  }
  const knownIn = forwarding.hostsKnownIn === "caller" ? home : gateway;
  const entry = hostEntryName({ ...target, apart: connectPorts(target).length > 0 }, listed);
  if (isConnect(call)) {
    return tunnelledWay(question);
  }
  const source = sourceAddresses(config, target);
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
      what: `goes in mutual TLS with ${outerSni(listed)} as its SNI${call.protocol === "https" ? ", around the application's own TLS" : ""}${closedWhen(config, target, call)}`,
      by: [`DestinationRule/${knownIn}/${known}`, `NetworkPolicy/${home}/egress-to-gateway`],
    },
    {
      at: "the gateway",
      what: `lets ${identity} pass to ${listed === call.host ? "this name" : `names below ${listed.slice(2)}`}${words.asked(call)}`,
      by: [`AuthorizationPolicy/${gateway}/${allowPolicyName(target.name)}`],
    },
    {
      at: "from the gateway to the host",
      what:
        words.instead(`${call.host}:${call.port}`) ??
        `${forwarding.onwards}${words.onlyIf()}` +
          (words.forwards(call, { namespace: gateway, source }) ??
            `, and forwards to ${call.host}:${call.port}${source}`) +
          words.waits(call),
      by: [...forwardedBy, wayOut(question, "egress-to-outside")],
    },
  ];
}

/** The way on a port of a destination's own: bytes, from the sidecar on in an HTTP CONNECT request. */
function tunnelledWay(question: Question & { target: DestinationTarget }): Step[] {
  const { config, from, call, target } = question;
  const { home, gateway, guard, identity, forwarding } = placesOf(question);
  const { host, port } = call;
  const words = wayWords(target.config);
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
      what: `goes in mutual TLS as a request to CONNECT to ${host}:${port}, and then as bytes${closedWhen(config, target, call)}`,
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
        (words.instead(`${host}:${port}`) ??
          `${forwarding.onwards}${words.onlyIf()}, and connects to ${host}:${port}${sourceAddresses(config, target)}`) +
        (speaks === undefined
          ? ""
          : `; as on ${speaks}'s port, a server may speak first` +
            (call.protocol === "tcp"
              ? ""
              : `, and who speaks ${call.protocol} there gets its greeting for an answer`)) +
        words.waits(call),
      by: [...forwarding.onwardsBy(named), wayOut(question, portsPolicyName(guard))],
    },
  ];
}

/** The NetworkPolicy that lets the gateway out: of the destination's private ranges, or of public addresses. */
function wayOut({ config, target }: Question & { target: DestinationTarget }, toPublic: string): string {
  return `NetworkPolicy/${config.gateway.namespace}/${wayOutTo(target) ?? toPublic}`;
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

/** What is said of connections that are silent, and of those whose rule goes. Over http each request is asked for. */
function closedWhen(config: StackConfig, target: DestinationTarget, call: Call): string {
  const { drain } = gatewaysOf(config).find(({ name }) => name === target.gateway) ?? {};
  const bytes = !isRequest(call);
  const drained =
    drain === undefined || !bytes ? "" : `; if its rule goes while it is open, it is closed ${drain} later`;
  return `${wayWords(target.config).toGateway(call)}${drained}`;
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
  return cluster.kind === "gke" && heldTo(target.config) === undefined
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
