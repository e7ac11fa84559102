import { couldBeNew, Location, suggestLocation } from "../../../ground/gke/locations";
import { configPath } from "../../problem";
import { Report } from "../../shape";
import { didYouMean } from "../../../ground/suggest";

/** Zones that GKE itself would choose among, when a region has more. */
const zonesByDefault = 3;

export function defaultZones({ zones, zone }: Location): string[] {
  return zone === undefined ? zones.slice(0, zonesByDefault) : [zone];
}

/**
 * The zones of the cluster's nodes; undefined when the location, on which they depend, is none.
 *
 * @param place what the location stands for
 */
export function readZones(
  { location, zones }: { location?: string; zones?: string[] },
  place: Location | undefined,
  report: Report,
): string[] | undefined {
  if (location !== undefined && place === undefined) {
    report({
      path: configPath("cluster", "location"),
      value: location,
      problem: "Neither a region nor a zone of Google's that is known here",
      allowed: "a region, as europe-west1, for a control plane in three zones; a zone, as europe-west1-b, for one",
      fix: fixOf(location),
    });
  }
  if (place === undefined) {
    return undefined;
  }
  reportZones(zones ?? [], place, ["zones"], report);
  if (place.zone !== undefined && zones !== undefined && !zones.includes(place.zone)) {
    report({
      path: configPath("cluster", "zones"),
      value: zones,
      problem: `Leaves out the zone of the control plane, ${place.zone}, where GKE puts nodes as well`,
      fix: `add ${place.zone}`,
    });
  }
  return zones ?? defaultZones(place);
}

function fixOf(location: string): string | undefined {
  const suggestion = suggestLocation(location);
  if (!couldBeNew(location)) {
    return suggestion;
  }
  const listing = `if Google has opened it since, list its zones in ${configPath("cluster", "zones")}`;
  return suggestion === undefined ? listing : `${suggestion} Or, ${listing}`;
}

/** Reports zones that are in another region, or in none, and those that are listed twice. */
export function reportZones(zones: string[], place: Location, at: PropertyKey[], report: Report): void {
  const { region, zones: known } = place;
  zones.forEach((zone, index) => {
    const path = configPath("cluster", ...at, index);
    if (!known.includes(zone)) {
      report({
        path,
        value: zone,
        problem: `Not a zone of the cluster's region, ${region}`,
        allowed: known.join(", "),
        fix: didYouMean(zone, known),
      });
    } else if (zones.indexOf(zone) < index) {
      report({ path, value: zone, problem: "Listed already", fix: "remove it" });
    }
  });
}
