import { z } from "zod";
import type { Fields } from "../../ground/objects";
import type { HttpRequest } from "../../ground/origination";
import { DestinationTraits, ReportedFacts, TraitFacts, traits } from "./index";
import type { CalledHost, Fact, Trait } from "./trait";

/** What stories ask of a destination's traits: none of them has to know which there are. */

/** What each trait gives that a destination says something of, in their order; without those that give nothing. */
function told<T>(
  of: DestinationTraits,
  ask: (trait: Trait<unknown>, value: unknown) => T | undefined,
): NonNullable<T>[] {
  const values = of as Fields;
  return traits.flatMap((trait) => {
    const value = values[trait.key];
    const given = value === undefined ? undefined : ask(trait, value);
    return given === undefined || given === null ? [] : [given];
  });
}

/** Whether a private network's names are reached, which lead nowhere else. */
export function reachesInside(of: DestinationTraits): boolean {
  return told(of, ({ reachesInside }) => reachesInside).length > 0;
}

/** Whether the gateway opens TLS for what is called by http, and so sees requests. */
export function opensTls(of: DestinationTraits): boolean {
  return told(of, ({ opensTls }) => opensTls).length > 0;
}

/** Private ranges that gateways are let out to; undefined where no trait says so. */
export function openedRanges(of: DestinationTraits): string[] | undefined {
  return told(of, (trait, value) => trait.opens?.(value))[0];
}

/** Private ranges that the hosts' own names lead into, and nowhere else; undefined where these lead to public addresses. */
export function heldTo(of: DestinationTraits): string[] | undefined {
  return told(of, (trait, value) => trait.holdsTo?.(value))[0];
}

/** The port that gateways dial in the place of the hosts' own; undefined where they dial those. */
export function dialledInstead(of: DestinationTraits): number | undefined {
  return told(of, (trait, value) => trait.dials?.(value))[0];
}

/** Why a gateway refuses a request that it sees, as a clause without a full stop; undefined where it lets it pass. */
export function refusalOfRequest(of: DestinationTraits, request: HttpRequest): string | undefined {
  return told(of, (trait, value) => trait.refuses?.(value, request))[0];
}

/** A request, of those that a gateway sees, which is let pass and changes nothing at the host; undefined where there is none. */
export function harmlessRequest(of: DestinationTraits): HttpRequest | undefined {
  return told(of, (trait, value) => trait.harmless?.(value))[0];
}

/** What the picture's edges to a destination tell of it: of its calls what passes, of its hosts where they are reached. */
export function onEdge(of: DestinationTraits): { requests?: string[]; ranges?: string[] } {
  const wordsOf = (about: Trait<unknown>["about"]) =>
    told(of, (trait, value) => (trait.about === about ? trait.onEdge?.(value) : undefined)).flat();
  const [requests, ranges] = [wordsOf("calls"), wordsOf("hosts")];
  return { ...(requests.length === 0 ? {} : { requests }), ...(ranges.length === 0 ? {} : { ranges }) };
}

/** The parts of `explain`'s sentences, each empty, or undefined, where no trait has a word for it. */
export function wayWords(of: DestinationTraits) {
  const all = told(of, ({ way }, value) => (way === undefined ? undefined : { way, value }));
  const joined = (part: "because" | "toGateway" | "asked" | "waits") => (call: CalledHost) =>
    all.map(({ way, value }) => way[part]?.(value, call) ?? "").join("");
  return {
    because: joined("because"),
    toGateway: joined("toGateway"),
    asked: joined("asked"),
    waits: joined("waits"),
    instead: (place: string) => all.flatMap(({ way, value }) => way.instead?.(value, place) ?? [])[0],
    onlyIf: () => all.map(({ way, value }) => way.onlyIf?.(value) ?? "").join(""),
    forwards: (call: CalledHost, gateway: { namespace: string; source: string }) =>
      all.flatMap(({ way, value }) => way.forwards?.(value, call, gateway) ?? [])[0],
  };
}

/** Every fact by its key, with its trait. */
const facts: readonly { key: keyof TraitFacts; fact: Fact<unknown, unknown>; trait: Trait<unknown> }[] = traits.flatMap(
  (trait) => Object.entries(trait.facts).map(([key, fact]) => ({ key: key as keyof TraitFacts, fact, trait })),
);

/** What reviews tell of a destination's traits. */
export function factsOf(of: DestinationTraits): TraitFacts {
  const values = of as Fields;
  return Object.fromEntries(
    facts.flatMap(({ key, fact, trait: { key: of } }) => {
      const found = values[of] === undefined ? undefined : fact.of(values[of]);
      return found === undefined ? [] : [[key, found]];
    }),
  );
}

/** By key of a fact, its name in reviews. */
export const factLabels: Readonly<Record<string, string>> = Object.fromEntries(
  facts.flatMap(({ key, fact: { label } }) => (label === undefined ? [] : [[key, label]])),
);

/** By key of a fact, what holds where it is absent. */
export const factsUnsaid: Readonly<Record<string, string>> = Object.fromEntries(
  facts.flatMap(({ key, fact: { unsaid } }) => (unsaid === undefined ? [] : [[key, unsaid]])),
);

/** Whether these facts tell that the gateway opens TLS for what is called by http. */
export function tellsOfTls(of: TraitFacts): boolean {
  return facts.some(({ key, trait }) => trait.opensTls === true && of[key] !== undefined);
}

/**
 * What a reviewer should look at where facts differ, each a sentence without a full stop: first what holds now, then what
 * held before.
 *
 * @param about of where hosts are reached, or of their calls
 */
export function factRisks(before: TraitFacts | undefined, after: TraitFacts, about: Trait<unknown>["about"]): string[] {
  const asked = facts.filter(({ trait }) => trait.about === about);
  return [
    ...asked.flatMap(({ key, fact }) =>
      after[key] === undefined ? [] : (fact.risks?.(before?.[key], after[key]) ?? []),
    ),
    ...asked.flatMap(({ key, fact }) =>
      before?.[key] === undefined || after[key] !== undefined ? [] : (fact.gone ?? []),
    ),
  ];
}

/** Null is what a destination does not have. */
type Reported = { [K in keyof ReportedFacts]-?: NonNullable<ReportedFacts[K]> | null };

/** By key of a fact that reports tell, its shape in `report.json`. */
export const reportedFacts = Object.fromEntries(
  facts.flatMap(({ key, fact: { report } }): [string, z.ZodType][] =>
    report === undefined ? [] : [[key, report.schema.nullable().describe(report.describe)]],
  ),
) as { [K in keyof Reported]: z.ZodType<Reported[K]> };

/** What `report.json` has of a destination's traits: null where it has no such fact. */
export function reportOf(of: DestinationTraits): Reported {
  const found = factsOf(of);
  return Object.fromEntries(
    facts.flatMap(({ key, fact: { report } }) => (report === undefined ? [] : [[key, found[key] ?? null]])),
  ) as Reported;
}

/** The same in lines of the page. @param row of `report.json` */
export function linesOf(row: object): string[] {
  const values = row as Record<string, unknown>;
  return facts.flatMap(({ key, fact: { report } }) => {
    const value = values[key] ?? null;
    return report === undefined || value === null ? [] : [report.line(value)];
  });
}
