import { isPublic } from "../../config/addresses";
import { isByAddress } from "../../grants";
import { asRange, parseCidr } from "../../ground/cidr";
import { forwardingOf } from "../../ground/forwarding";
import { sortedUnique } from "../../ground/order";
import { RangeIndex } from "../../ground/range-index";
import type { DestinationArgs } from "../args";
import { both, Check, listOf, nameless, optional } from "../check";
import { refOf, Need, toldOf } from "./need";

export interface NeedsAddresses {
  /**
   * Addresses and ranges without a name that its destinations are called by, private ones too: what `addresses` of an
   * `EgressDestination` need of it.
   * @default []
   * @example ["198.51.100.0/24"]
   */
  addresses?: string[];
}

/** What is called without a name. */
export const addresses: Need<string[]> = {
  check: listOf(nameless),
  needs: (granted) => sortedUnique(granted.flatMap((target) => (isByAddress(target) ? target.hosts : []))),
  asked: {
    addresses: (args) =>
      optional(
        both(
          listOf((value) => nameless(value) ?? calledBy(value as string, args), { atLeast: 1, once: true }),
          apart,
        ),
      ),
  },
};

/** A gateway refuses what only begins as addresses that it was told of, and reaches private ones of these only. */
function calledBy(range: string, args: Partial<DestinationArgs>): string | undefined {
  const { mesh, addresses: known = [], privateHosts } = refOf(args.gateway);
  if (!forwardingOf(mesh).connects) {
    return "Sidecars lead addresses to a gateway by an EnvoyFilter, and this mesh takes none";
  }
  if (!known.includes(range)) {
    return `The gateway does not know of it: give ${range} to the gateway's addresses as well`;
  }
  return isPublic(range) || toldOf(privateHosts, args)?.hosts.includes(range)
    ? undefined
    : "The gateway does not know of it: give its privateHosts { destination, hosts: [the address], ranges, ports }";
}

/** Which of two that overlap a call means nobody could say. */
const apart: Check = (value) => {
  const ranges = new RangeIndex<string>();
  return (value as string[]).flatMap((each, index) => {
    const range = parseCidr(asRange(each))!;
    const [earlier] = ranges.overlapping(range);
    if (earlier === undefined) {
      ranges.add(range, each);
      return [];
    }
    const problem = `${each} holds addresses of ${earlier} as well: which of the two a call means nobody could say`;
    return [{ argument: `[${index}]`, problem }];
  });
};
