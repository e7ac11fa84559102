import type { DestinationTarget, Grants } from "../../grants";
import { isObject } from "../../ground/objects";
import type { DestinationArgs, GatewayArgs, GatewayRef } from "../args";
import type { Check, Sense } from "../check";
import type { GatewayNeeds } from "./index";

/**
 * Something that a gateway is told of the destinations behind it, and that each of these says of its gateway. The two have
 * to agree, or what is granted would be refused, or let pass in another way than it says.
 */
export interface Need<T> {
  /** What of it a gateway may be told. */
  check: Check;
  /** What a gateway has to be told for the destinations that somebody is granted behind it; an empty list or undefined for nothing. */
  needs: (granted: readonly DestinationTarget[], grants: Grants) => T | undefined;
  /** What is asked of a destination's arguments for it: of each by itself, and beside what its gateway was told. */
  asked: { [argument in keyof DestinationArgs]?: (args: Partial<DestinationArgs>) => Check };
  /** What is wrong with it beside all else that the gateway is told. @default nothing */
  sense?: Sense<NeedsInMesh>;
  /** Private ranges that NetworkPolicies open to the gateway's pods for it. @default none */
  ranges?(this: void, told: T): readonly string[];
  /** Why a destination that has it lists its hosts by their whole names, as a clause; undefined where it need not. */
  wholeNames?: (args: DestinationArgs) => string | undefined;
}

/** What a gateway is told, and the mesh that it is in. */
export type NeedsInMesh = GatewayNeeds & Pick<GatewayArgs, "mesh">;

/** What is said of a gateway, be it in disorder. */
export function refOf(gateway: unknown): Partial<GatewayRef> {
  return isObject(gateway) ? gateway : {};
}

/** What a gateway was told of one destination. */
export function toldOf<T extends { destination: string }>(
  list: readonly T[] | undefined,
  { name }: Partial<DestinationArgs>,
): T | undefined {
  return list?.find(({ destination }) => destination === name);
}

/** Whether a gateway was told of all hosts of a destination. */
export function knowsHosts(told: { hosts: readonly string[] }, { hosts = [] }: Partial<DestinationArgs>): boolean {
  const known = new Set(told.hosts);
  return hosts.every((host) => known.has(host));
}
