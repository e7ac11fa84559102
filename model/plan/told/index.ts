/**
 * What gateways are told of the destinations behind them: a row for each kind of it. A gateway's own arguments, what a
 * destination says of its gateway, what is asked of both, and what a stack's gateways need to be told, all follow from these.
 */
import type { DestinationTarget, Grants } from "../../grants";
import { sortedUnique } from "../../ground/order";
import type { DestinationArgs } from "../args";
import { ArgumentProblem, Check, optional } from "../check";
import { addresses, ToldAddresses } from "./addresses";
import type { GatewayNeeds, ToldKind } from "./kind";
import { originates, ToldOrigination } from "./originates";
import { ports, ToldPorts } from "./ports";
import { privateHosts, ToldPrivateHosts } from "./private-hosts";
import { proxies, ToldProxies } from "./proxies";
import { idleTimeout, timedHosts, ToldTimes } from "./times";
import { ToldWildcards, wildcards } from "./wildcards";

export type { OriginatedHosts } from "./originates";
export type { PrivateHosts } from "./private-hosts";
export type { ProxiedHosts } from "./proxies";
export type { TimedHosts } from "./times";
export type { Wildcard } from "./wildcards";

/** All of it: each key is an argument of a gateway's. */
export interface Told
  extends ToldPorts, ToldTimes, ToldOrigination, ToldPrivateHosts, ToldAddresses, ToldProxies, ToldWildcards {}

const kinds: { [key in keyof Told]-?: ToldKind<NonNullable<Told[key]>> } = {
  addresses,
  ports,
  idleTimeout,
  timedHosts,
  originates,
  privateHosts,
  wildcards,
  proxies,
};

const entries = Object.entries(kinds) as [keyof Told, ToldKind<unknown>][];

/** What is asked of what gateways are told, by argument. */
export const toldChecks: Record<string, Check> = Object.fromEntries(
  entries.map(([key, { check }]) => [key, optional(check)]),
);

/** What of an object is told to gateways, and nothing else of it. */
export function told(args: Told): Told {
  return Object.fromEntries(entries.flatMap(([key]) => (args[key] === undefined ? [] : [[key, args[key]]])));
}

/** What a gateway has to be told for the destinations that somebody is granted behind it. */
export function needsOf(granted: readonly DestinationTarget[], grants: Grants): Told {
  return Object.fromEntries(
    entries.flatMap(([key, { needs }]) => {
      const needed: unknown = needs(granted, grants);
      return needed === undefined ? [] : [[key, needed]];
    }),
  );
}

/** What is asked of a destination's arguments beside what its gateway was told, by argument. */
export function askedOf(args: Partial<DestinationArgs>): Record<string, Check> {
  return Object.fromEntries(
    entries.flatMap(([, { asked }]) => Object.entries(asked).map(([argument, of]) => [argument, of(args)] as const)),
  );
}

/** Why a destination lists its hosts by their whole names, as a clause; undefined where it need not. */
export function wholeNames(args: DestinationArgs): string | undefined {
  return entries.map(([, kind]) => kind.wholeNames?.(args)).find((because) => because !== undefined);
}

/** What is wrong with what a gateway is told, taken together. */
export function toldSense(args: GatewayNeeds): ArgumentProblem[] {
  return entries.flatMap(([, { sense }]) => sense?.(args) ?? []);
}

/** Every private range that NetworkPolicies open to a gateway's pods, whatever for; sorted. */
export function openedRanges(of: Told): string[] {
  return sortedUnique(entries.flatMap(([key, { ranges }]) => of[key] === undefined ? [] : (ranges?.(of[key]) ?? [])));
}
