import { MeshTraits } from "./mesh-traits";
import { hostLabel } from "./names";

/**
 * One of the two ways in which gateways come to forward what their policies have let pass. Whatever depends on it is
 * here, or, where it makes objects, in `model/plan/forwarding.ts`.
 */
export interface Forwarding {
  name: "byName" | "listed";
  /** Granted hosts that one gateway can carry; undefined for as many as there are. */
  mostHosts?: number;
  /** Why it forwards to no names below a wildcard, as a clause; undefined where it does. */
  noWildcards?: string;
  /** Whose namespace has the objects by which a sidecar knows a host. */
  hostsKnownIn: "gateway" | "caller";
  /** Whether gateways take CONNECT, and so have a way for other ports than 80 and 443. */
  connects: boolean;
  /** Whether gateways ask for the time of a call, so that a rule's end comes by itself. */
  ends: boolean;
  /** Whether gateways log each call in a form of their own, which `egress logs` reads. */
  hasLog: boolean;
  /** What becomes of a name that a policy has let pass. */
  onwards: string;
  /** The objects that do it, as `Kind/namespace/name`; `entry` is the name of the ServiceEntry that has the host. */
  onwardsBy: (at: { gateway: string; namespace: string; host: string; entry: string }) => string[];
  /** What becomes of a name that nobody is granted; undefined where policies refuse it as any other. */
  ungranted?: string;
}

/** Any name that a policy has let pass, by an EnvoyFilter: one configuration for all hosts. */
const byName: Forwarding = {
  name: "byName",
  hostsKnownIn: "gateway",
  connects: true,
  ends: true,
  hasLog: true,
  onwards: "resolves the name it has checked",
  onwardsBy: ({ gateway, namespace }) => [`EnvoyFilter/${namespace}/${gateway}`],
};

/** In a mesh that takes no EnvoyFilter: each host by a server and a route of its own. */
const listed: Forwarding = {
  name: "listed",
  // Every listed host is a part of the listeners that carries all of the gateway's policies, so its memory grows with
  // the square of their number: 981 MB a pod with 500 hosts, as measured with Istio 1.31.1, hence some 40 MB with this
  // many. What other gateways list costs it next to nothing.
  mostHosts: 100,
  noWildcards:
    "this mesh takes no EnvoyFilters: its gateways list the hosts they forward to, and cannot list every name there is",
  hostsKnownIn: "caller",
  connects: false,
  ends: false,
  hasLog: false,
  onwards: "has one route from this name",
  onwardsBy: ({ namespace, host, entry }) => [
    `Gateway/${namespace}/${hostLabel(host)}`,
    `VirtualService/${namespace}/${host}`,
    `ServiceEntry/${namespace}/${entry}`,
  ],
  ungranted: "lists no such name: the connection is closed",
};

/** Granted hosts that one gateway may list, where it has to list them. */
export const mostListedHosts = listed.mostHosts!;

/** The way in which the gateways of this mesh forward. */
export function forwardingOf(mesh: MeshTraits = {}): Forwarding {
  return mesh.envoyFilters === false ? listed : byName;
}
