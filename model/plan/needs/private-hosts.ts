import { isPublic } from "../../config/addresses";
import { privateRangeProblems } from "../../config/traits/private-ranges";
import { dialledPorts, heldRangesOf, isByAddress } from "../../grants";
import { forwardingOf } from "../../ground/forwarding";
import { sortedUnique } from "../../ground/order";
import type { DestinationArgs } from "../args";
import { Check, exactHost, label, listOf, nameless, onlyOf, optional, port, text } from "../check";
import { knowsHosts, refOf, Need, toldOf } from "./need";

/** Hosts that lead into private ranges, as the gateway knows them that forwards to them. */
export interface PrivateHosts {
  /** Name of their destination. */
  destination: string;
  /** Names, or private addresses that are called without one. */
  hosts: string[];
  /** In CIDR notation, one at least: where their names may lead, and nowhere else. */
  ranges: string[];
  /** Ports that they are dialled on, one at least: 80 for http, 443 for https and for TLS that the gateway opens. */
  ports: number[];
}

export interface NeedsPrivateHosts {
  /**
   * Destinations whose hosts lead into private ranges: what `private` of an `EgressDestination` needs of it; sorted here by
   * name. It reaches these ranges for these hosts only, on these ports only.
   * @default []
   * @example [{ destination: "wiki", hosts: ["wiki.corp.example"], ranges: ["10.20.0.0/16"], ports: [443] }]
   */
  privateHosts?: PrivateHosts[];
}

/** Names, and addresses, of private networks. */
export const privateHosts: Need<PrivateHosts[]> = {
  check: listOf(
    onlyOf({
      destination: label,
      hosts: listOf((each) => (nameless(each) === undefined ? undefined : exactHost(each)), { atLeast: 1 }),
      ranges: rangesOfHosts,
      ports: listOf(port, { atLeast: 1 }),
    }),
  ),
  needs: (granted) =>
    granted.flatMap((target) => {
      const { name, hosts } = target;
      const ranges = heldRangesOf(target);
      return ranges.length === 0
        ? []
        : [
            {
              destination: name,
              hosts: isByAddress(target) ? hosts.filter((each) => !isPublic(each)) : [...hosts],
              ranges,
              ports: dialledPorts(target),
            },
          ];
    }),
  asked: { private: (args) => optional((value) => rangesOfHosts(value) ?? heldTo(args)) },
  ranges: (told) => told.flatMap(({ ranges }) => ranges),
  wholeNames: (args) =>
    args.private === undefined ? undefined : "private ranges are for hosts that are listed by their whole names",
};

/** Ranges that names lead into: none that a configuration could not have. */
export function rangesOfHosts(value: unknown): ReturnType<Check> {
  const found = listOf(
    text((written) => privateRangeProblems(written)[0]),
    { atLeast: 1 },
  )(value);
  return found === undefined || found.length === 0 ? undefined : found;
}

/** A gateway reaches private ranges only of hosts that it was told of, and leads them nowhere else. */
function heldTo(args: Partial<DestinationArgs>): string | undefined {
  const { private: ranges = [], gateway } = args;
  const { mesh, privateHosts: known } = refOf(gateway);
  if (!forwardingOf(mesh).connects) {
    return "Gateways hold a host to ranges of its own by an EnvoyFilter, and this mesh takes none";
  }
  const told = toldOf(known, args);
  return told !== undefined &&
    knowsHosts(told, args) &&
    sortedUnique(told.ranges).join() === sortedUnique(ranges).join()
    ? undefined
    : "The gateway does not know of it: give its privateHosts { destination, hosts, ranges, ports } as here";
}
