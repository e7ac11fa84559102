import { locate, Location, suggestLocation, zonesOf } from "../../../gke/locations";
import { configPath } from "../../path";
import { Report } from "../../shape";
import { didYouMean } from "../../suggest";

/** Zones that GKE itself would choose among, when a region has more. */
const zonesByDefault = 3;

export function defaultZones({ region, zone }: Location): string[] {
  return zone === undefined ? zonesOf(region).slice(0, zonesByDefault) : [zone];
}

/** The zones of the cluster's nodes; undefined when the location, on which they depend, is none. */
export function readZones(
  { location, zones }: { location?: string; zones?: string[] },
  report: Report,
): string[] | undefined {
  const place = location === undefined ? undefined : locate(location);
  if (location !== undefined && place === undefined) {
    report({
      path: configPath("cluster", "location"),
      value: location,
      problem: "Neither a region nor a zone of Google's",
      allowed: "a region, as europe-west1, for a control plane in three zones; a zone, as europe-west1-b, for one",
      fix: suggestLocation(location),
    });
  }
  if (place === undefined) {
    return undefined;
  }
  reportZones(zones ?? [], place.region, ["zones"], report);
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

/** Reports zones that are in another region, or in none, and those that are listed twice. */
export function reportZones(zones: string[], region: string, at: PropertyKey[], report: Report): void {
  const known = zonesOf(region);
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
