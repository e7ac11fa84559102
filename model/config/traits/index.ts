import type { z } from "zod";
import { Fields, isObject, says } from "../../ground/objects";
import { Protocol, protocols } from "../../ground/protocols";
import { Report } from "../shape";
import { origination, OriginationSaid, OriginationTold } from "./origination";
import { privateTrait, PrivateSaid, PrivateTold } from "./private";
import { proxy, ProxySaid, ProxyTold } from "./proxy";
import { timeouts, TimeoutsSaid, TimeoutsTold } from "./timeouts";
import { Around, Trait } from "./trait";

export { ProxyConfig } from "./proxy";
export { Around } from "./trait";

/** What a destination says of its hosts, each key where something is said. */
export interface DestinationTraits extends TimeoutsSaid, OriginationSaid, PrivateSaid, ProxySaid {}

/** What reviews tell of that: what holds without a word is absent. */
export interface TraitFacts extends TimeoutsTold, OriginationTold, PrivateTold, ProxyTold {}

/** Those of them that reports tell of each destination. */
export interface ReportedFacts extends PrivateTold, ProxyTold {}

/** Every trait, in the order in which they are read and told. */
export const traits: readonly Trait<unknown>[] = [timeouts, origination, privateTrait, proxy];

/** By key, all that a destination may say of its hosts. */
export const everyTrait = Object.fromEntries(traits.map(({ key }) => [key, true])) as {
  [key in keyof DestinationTraits]-?: true;
};

/** What may be written under the keys of a destination. */
export const traitSchemas = Object.fromEntries(
  traits.map(({ key, schema }): [string, z.ZodType] => [key, schema.optional()]),
) as Record<never, z.ZodType>;

/** By key, why something makes no sense of what is called by its addresses. */
export const namesOnly: Readonly<Record<string, string>> = Object.fromEntries(
  traits.flatMap(({ key, besideAddresses }) => (besideAddresses === undefined ? [] : [[key, besideAddresses]])),
);

/** The traits that a destination says something of, in shape or not. */
export function writtenIn(value: unknown): Trait<unknown>[] {
  return traits.filter(({ key }) => says(value, key));
}

/** What of an object a destination says by its traits, and nothing else of it. */
export function traitsIn(said: DestinationTraits): DestinationTraits {
  const fields = said as Fields;
  return Object.fromEntries(traits.flatMap(({ key }) => (fields[key] === undefined ? [] : [[key, fields[key]]])));
}

/** Whether protocols are settled by what a destination says, whatever its preset and its ports are. */
export function settlesProtocols(value: unknown): boolean {
  return writtenIn(value).some(({ speaks }) => speaks?.always === true);
}

/**
 * What a destination's hosts are called by where it says nothing of that.
 *
 * @param value what the destination says, by key
 * @param hasPorts whether it is called on other ports
 */
export function unsaidProtocols(value: unknown, hasPorts: boolean): Protocol[] {
  const told = writtenIn(value).flatMap(({ speaks }) => (speaks === undefined ? [] : [speaks]));
  const found = told.find(({ always }) => always === true) ?? (hasPorts ? { protocols: [] } : told[0]);
  return [...(found?.protocols ?? protocols)];
}

/** A destination without what belongs below the key of one of its traits, which is reported. */
export function withoutMisplaced(value: unknown, destination: string, report: Report): unknown {
  const around = { destination, written: writtenIn(value) };
  return isObject(value)
    ? traits.reduce<Fields>((rest, trait) => trait.misplaced?.(rest, around, report) ?? rest, value)
    : value;
}

/**
 * What a destination says of its hosts.
 *
 * @param value what is written of it, in shape or not
 */
export function readTraits(value: unknown, given: Omit<Around, "written">, report: Report): DestinationTraits {
  const around = { ...given, written: writtenIn(value) };
  const read = traits.flatMap((trait) => {
    const written = given.sound[trait.key];
    if (written === undefined || (given.byAddress && trait.besideAddresses !== undefined)) {
      return [];
    }
    const found = trait.read(written, around, report);
    return found === undefined ? [] : [[trait.key, found] as const];
  });
  return Object.fromEntries(read);
}
