import { didYouMean, listNames } from "../suggest";
import { services } from "./table";
import { Preset, Service } from "./types";

export { services } from "./table";
export type { Edition, Preset, Service } from "./types";

/** Why there is no such preset. */
export interface NoPreset {
  /** As a sentence without a full stop. */
  problem: string;
  allowed: string;
  fix?: string;
}

/**
 * Finds the preset that is written as `github`, which is its newest edition, or `github@2026-12-01`, which is that of this day.
 *
 * @param table where to look @default the table of this package
 */
export function presetNamed(written: string, table: readonly Service[] = services): { preset: Preset } | NoPreset {
  const [name, day, ...more] = written.split("@") as [string, ...string[]];
  const known = presetsOf(table);
  const found = known.find((preset) => preset.name === name);
  if (found === undefined) {
    const near = nearNames(
      name,
      known.map((preset) => preset.name),
    );
    return {
      problem: `No preset "${name}"`,
      allowed: `${listNames(known.map((preset) => preset.name))}: egress presets lists them`,
      fix: near ?? "list the names that are called under hosts",
    };
  }
  const [newest] = found.editions as [(typeof found.editions)[number]];
  const edition = day === undefined ? newest : found.editions.find(({ read }) => read === day);
  return edition === undefined || more.length > 0
    ? {
        problem: `The preset ${name} has no edition of that day`,
        allowed: found.editions.map(({ read }) => `${name}@${read}`).join(", "),
        fix: `write "${name}@${newest.read}"`,
      }
    : { preset: { ...shape(found), ...edition, newest: newest.read, pinned: day !== undefined } };
}

/** The services that are presets, in the order of the table. */
export function presetsOf(table: readonly Service[] = services): Service[] {
  return table.filter(({ editions }) => editions.length > 0);
}

/** The newest edition of every preset. */
export function newestPresets(table: readonly Service[] = services): Preset[] {
  return presetsOf(table).map((service) => {
    const [newest] = service.editions as [(typeof service.editions)[number]];
    return { ...shape(service), ...newest, newest: newest.read, pinned: false };
  });
}

function shape({ name, group, what }: Service): Pick<Service, "name" | "group" | "what"> {
  return { name, group, what };
}

/** The names that are nearest to what was written, and those that it is a part of or that are a part of it. */
function nearNames(written: string, known: readonly string[]): string | undefined {
  const lower = written.toLowerCase();
  const parts = lower.length < 3 ? [] : known.filter((name) => name.includes(lower) || lower.includes(name));
  return parts.length > 0 ? `did you mean ${parts.map((name) => `"${name}"`).join(" or ")}?` : didYouMean(lower, known);
}
