import { says } from "../ground/objects";
import { Preset, presetNamed, Service } from "../ground/presets";
import { configPath } from "./problem";
import { Report } from "./shape";
import { settlesProtocols } from "./traits";
import { DestinationConfig, StackConfig } from "./types";

/** A destination as it is written, with its preset's ports and protocols in the place of what it does not say. */
export interface WithPreset {
  value: unknown;
  /** Absent where it has none, or one that is not known. */
  preset?: Preset;
  /** Whether hosts of its own may be missing: it means to have a preset's. */
  hasHosts: boolean;
}

/**
 * Finds a destination's preset. Its protocols and ports hold for all of the destination's hosts, so where the destination
 * says something of either, that stands in the preset's place.
 */
export function withPreset(
  destination: string,
  value: unknown,
  services: readonly Service[],
  report: Report,
): WithPreset {
  if (!says(value, "preset")) {
    return { value, hasHosts: false };
  }
  if (typeof value.preset !== "string" || value.preset === "") {
    return { value, hasHosts: true };
  }
  const found = presetNamed(value.preset, services);
  if ("problem" in found) {
    report({ path: configPath("destinations", destination, "preset"), value: value.preset, ...found });
    return { value, hasHosts: true };
  }
  const { preset } = found;
  const { protocols, ports } = preset;
  return {
    preset,
    hasHosts: true,
    value: {
      ...value,
      ...(protocols === undefined || says(value, "protocols") || settlesProtocols(value)
        ? {}
        : { protocols: [...protocols] }),
      ...(ports === undefined || says(value, "ports") ? {} : { ports: [...ports] }),
    },
  };
}

/** Where a destination has a host from: the preset, or its own list. */
export function placeOfHost({ name, preset }: Pick<DestinationConfig, "name" | "preset">, host: string): string {
  return configPath("destinations", name, preset?.hosts.includes(host) === true ? "preset" : "hosts");
}

/** What is done about hosts of a preset that cannot be had: a preset is had as a whole. */
export const insteadOfPreset =
  "list the names that are called under hosts in the place of the preset: egress presets prints its own";

/** How each preset of the stack is held, a sentence each without a full stop; the first says of what the others are. */
export function presetSteps({ destinations }: Pick<StackConfig, "destinations">): string[] {
  const steps = destinations.flatMap(({ name, preset }) => (preset === undefined ? [] : [presetStep(name, preset)]));
  return steps.length === 0 ? [] : ["Presets are expanded as this version of the package has them", ...steps];
}

function presetStep(destination: string, { name, read, newest, pinned, hosts }: Preset): string {
  const what = `${destination} has the ${hosts.length === 1 ? "host" : `${hosts.length} hosts`} of ${name} as of ${read}`;
  return !pinned
    ? `${what}: another version may change them; preset: ${name}@${read} keeps them as they are`
    : read === newest
      ? `${what}, whatever version expands it`
      : `${what}, and there is a newer edition, ${name}@${newest}: egress diff shows what it changes`;
}
