/**
 * What gateways are told of the destinations behind them: a row for each kind of it. A gateway's own arguments, what a
 * destination says of its gateway, what is asked of both, and what a stack's gateways need to be told, all follow from these.
 */
import type { DestinationTarget, Grants } from "../../grants";
import { defined } from "../../ground/objects";
import { groupedBy, sortedUnique } from "../../ground/order";
import type { DestinationArgs } from "../args";
import { ArgumentProblem, Check, optional } from "../check";
import { addresses, NeedsAddresses } from "./addresses";
import type { Need, NeedsInMesh } from "./need";
import { originates, NeedsOrigination } from "./originates";
import { ports, NeedsPorts } from "./ports";
import { privateHosts, NeedsPrivateHosts } from "./private-hosts";
import { proxies, NeedsProxies } from "./proxies";
import { idleTimeout, timedHosts, NeedsTimes } from "./times";
import { NeedsWildcards, wildcards } from "./wildcards";

export type { OriginatedHosts } from "./originates";
export type { PrivateHosts } from "./private-hosts";
export type { ProxiedHosts } from "./proxies";
export type { TimedHosts } from "./times";
export type { Wildcard } from "./wildcards";

/** All of it: each key is an argument of a gateway's. */
export interface GatewayNeeds
  extends NeedsPorts, NeedsTimes, NeedsOrigination, NeedsPrivateHosts, NeedsAddresses, NeedsProxies, NeedsWildcards {}

const kinds: { [key in keyof GatewayNeeds]-?: Need<NonNullable<GatewayNeeds[key]>> } = {
  addresses,
  ports,
  proxies,
  idleTimeout,
  timedHosts,
  originates,
  privateHosts,
  wildcards,
};

const entries = Object.entries(kinds) as [keyof GatewayNeeds, Need<unknown>][];

/** By argument, all that gateways are told. */
export const everyNeed = Object.fromEntries(entries.map(([key]) => [key, true])) as {
  [key in keyof GatewayNeeds]-?: true;
};

/** What is asked of what gateways are told, by argument. */
export const needChecks: Record<string, Check> = Object.fromEntries(
  entries.map(([key, { check }]) => [key, optional(check)]),
);

/** What of an object is told to gateways, and nothing else of it. */
export function needsIn(args: GatewayNeeds): GatewayNeeds {
  return Object.fromEntries(entries.flatMap(([key]) => (args[key] === undefined ? [] : [[key, args[key]]])));
}

/** What a gateway has to be told for the destinations that somebody is granted behind it. */
export function needsOf(granted: readonly DestinationTarget[], grants: Grants): GatewayNeeds {
  return Object.fromEntries(
    entries.flatMap(([key, { needs }]) => {
      const needed: unknown = needs(granted, grants);
      return needed === undefined || (Array.isArray(needed) && needed.length === 0) ? [] : [[key, needed]];
    }),
  );
}

/** What is asked of a destination's arguments beside what its gateway was told, by argument. */
export function askedOf(args: Partial<DestinationArgs>): Record<string, Check> {
  const asked = entries.flatMap(([, kind]) => Object.entries(kind.asked));
  return Object.fromEntries(
    [...groupedBy(asked, ([argument]) => argument)].map(([argument, checks]) => {
      const all = checks.map(([, of]) => of(args));
      return [argument, (value: unknown) => firstFound(all, value)];
    }),
  );
}

function firstFound(checks: readonly Check[], value: unknown): ReturnType<Check> {
  return checks.map((check) => check(value)).find((found) => found !== undefined && found.length > 0);
}

/** Why a destination lists its hosts by their whole names, as a clause; undefined where it need not. */
export function wholeNames(args: DestinationArgs): string | undefined {
  return entries.map(([, kind]) => kind.wholeNames?.(args)).find((because) => because !== undefined);
}

/** What is wrong with what a gateway is told, taken together. */
export function needsSense(args: NeedsInMesh): ArgumentProblem[] {
  const told = { ...needsIn(args), ...defined({ mesh: args.mesh }) };
  return entries.flatMap(([, { sense }]) => sense?.(told) ?? []);
}

/** Every private range that NetworkPolicies open to a gateway's pods, whatever for; sorted. */
export function openedRanges(of: GatewayNeeds): string[] {
  return sortedUnique(entries.flatMap(([key, { ranges }]) => (of[key] === undefined ? [] : (ranges?.(of[key]) ?? []))));
}
