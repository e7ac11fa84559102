import { DestinationConfig, StackConfig } from "../config/types";
import { forwardingOf } from "../ground/mesh-traits";
import { gatewayOf, gatewaysOf } from "../config/gateway-of";
import { meshTraits } from "../config/mesh-traits";
import { hostLabel, principal } from "../ground/names";
import { aroundSidecar } from "./around";
import { Call, portOf } from "./call";
import { Step } from "./types";

interface Facts {
  config: StackConfig;
  from: string;
  call: Call;
  destination?: DestinationConfig;
}

/** The way of a call that is allowed, from the application to the host. */
export function allowedWay(facts: Facts): Step[] {
  const { config, from, call, destination } = facts;
  const { home, name, gateway, guard, identity, listed } = placesOf(facts);
  const forwards = listed ? "has one route from this name" : "resolves the name it has checked";
  const forwardedBy = listed
    ? [
        `Gateway/${gateway}/${hostLabel(call.host)}`,
        ...["VirtualService", "ServiceEntry"].map((kind) => `${kind}/${gateway}/${call.host}`),
      ]
    : [`EnvoyFilter/${gateway}/${guard}`];
  return [
    {
      at: `the sidecar of ${from}`,
      what: `knows ${call.host}, and that it is reached through the gateway`,
      by: [`Sidecar/${home}/${name}`, `ServiceEntry/${listed ? home : gateway}/${call.host}`],
    },
    {
      at: "from the sidecar to the gateway",
      what: `goes in mutual TLS with ${call.host} as its SNI${call.protocol === "https" ? ", around the application's own TLS" : ""}`,
      by: [`DestinationRule/${listed ? home : gateway}/${call.host}`, `NetworkPolicy/${home}/egress-to-gateway`],
    },
    {
      at: "the gateway",
      what: `lets ${identity} pass to this name`,
      by: [`AuthorizationPolicy/${gateway}/allow-${destination!.name}`],
    },
    {
      at: "from the gateway to the host",
      what: `${forwards}, and forwards to ${call.host}:${call.port}${sourceAddresses(config)}`,
      by: [...forwardedBy, `NetworkPolicy/${gateway}/egress-to-outside`],
    },
  ];
}

/** Where a call that is not allowed ends, and what stands behind that place. */
export function refusedWay(facts: Facts): Step[] {
  const { config, from, call } = facts;
  const { home, name, gateway, guard, identity, listed } = placesOf(facts);
  const gatewayListens = !call.isAddress && call.port === portOf[call.protocol];
  return [
    { at: `the sidecar of ${from}`, what: endAtSidecar(facts), by: [`Sidecar/${home}/${name}`] },
    aroundSidecar(config, home),
    ...(gatewayListens
      ? [
          {
            at: "the gateway",
            what:
              listed && !isListed(facts)
                ? "lists no such name: the connection is closed"
                : `has no policy that lets ${identity} pass to this name: ${call.protocol === "http" ? "403" : "TLS reset"}`,
            by: [`AuthorizationPolicy/${gateway}/${guard}-denies-the-rest`],
          },
        ]
      : []),
  ];
}

/** Whether a gateway that lists its hosts has this one, for somebody else. */
function isListed({ config, call, destination }: Facts): boolean {
  return (
    destination?.protocols.includes(call.protocol) === true && config.allow.some(({ to }) => to === destination.name)
  );
}

/** What the host sees of a cluster whose network is the stack's own. */
function sourceAddresses({ cluster }: StackConfig): string {
  return cluster.kind === "gke" ? `, from one of the ${cluster.network.natAddresses} reserved addresses` : "";
}

function endAtSidecar({ config, from, call }: Facts): string {
  if (call.port === portOf.https && call.protocol === "https") {
    return "knows no such name: the TLS handshake is reset";
  }
  if (call.port === portOf.http && call.protocol === "http" && listensForHttp(config, from)) {
    return "knows no such name: it answers 502 itself";
  }
  return "has no listener for it: the connection is closed";
}

/** Whether the sidecar knows anything on port 80, outside or in the mesh: without, there is nobody to answer 502. */
function listensForHttp({ allow, destinations, workloads }: StackConfig, from: string): boolean {
  const granted = new Set(allow.filter((rule) => rule.from === from).map(({ to }) => to));
  return (
    workloads.some(({ port }) => port !== undefined) ||
    destinations.some(({ name, protocols }) => granted.has(name) && protocols.includes("http"))
  );
}

interface Places {
  /** Namespace and name of the workload. */
  home: string;
  name: string;
  identity: string;
  /** Namespace of the gateways. */
  gateway: string;
  /** The gateway that the host is behind; any of them for a host that no destination has. */
  guard: string;
  /** Whether the gateway lists its hosts. */
  listed: boolean;
}

function placesOf({ config, from, destination }: Facts): Places {
  const [home, name] = from.split("/") as [string, string];
  const mesh = meshTraits(config.mesh);
  return {
    home,
    name,
    identity: principal(mesh, home, name),
    listed: forwardingOf(mesh) === "listed",
    gateway: config.gateway.namespace,
    guard: destination === undefined ? gatewaysOf(config)[0]!.name : gatewayOf(config, destination),
  };
}
