import { didYouMean } from "../suggest";

/**
 * Google's regions and the last letters of their zones: the table of Compute Engine's page "Regions and zones", as
 * copies of September 2026 have it; Berlin and Turin (europe-west10 and 12) as in the lists of other Google pages of
 * that year. Zones for accelerators, whose names end otherwise, are not among them.
 */
const zoneLetters: Record<string, string> = {
  "africa-south1": "abc",
  "asia-east1": "abc",
  "asia-east2": "abc",
  "asia-northeast1": "abc",
  "asia-northeast2": "abc",
  "asia-northeast3": "abc",
  "asia-south1": "abc",
  "asia-south2": "abc",
  "asia-southeast1": "abc",
  "asia-southeast2": "abc",
  "asia-southeast3": "abc",
  "australia-southeast1": "abc",
  "australia-southeast2": "abc",
  "europe-central2": "abc",
  "europe-north1": "abc",
  "europe-north2": "abc",
  "europe-southwest1": "abc",
  "europe-west1": "bcd",
  "europe-west10": "abc",
  "europe-west12": "abc",
  "europe-west2": "abc",
  "europe-west3": "abc",
  "europe-west4": "abc",
  "europe-west6": "abc",
  "europe-west8": "abc",
  "europe-west9": "abc",
  "me-central1": "abc",
  "me-central2": "abc",
  "me-west1": "abc",
  "northamerica-northeast1": "abc",
  "northamerica-northeast2": "abc",
  "northamerica-south1": "abc",
  "southamerica-east1": "abc",
  "southamerica-west1": "abc",
  "us-central1": "abcf",
  "us-east1": "bcd",
  "us-east4": "abc",
  "us-east5": "abc",
  "us-south1": "abc",
  "us-west1": "abc",
  "us-west2": "abc",
  "us-west3": "abc",
  "us-west4": "abc",
};

export const regions = Object.keys(zoneLetters);

/** The zones of a region; none for a region that is not known. */
export function zonesOf(region: string): string[] {
  return [...(isKnown(region) ? zoneLetters[region]! : "")].map((letter) => `${region}-${letter}`);
}

export interface Location {
  region: string;
  /** The region's zones, as far as they are known. */
  zones: string[];
  /** Set when the location is a zone. */
  zone?: string;
}

/**
 * What a location stands for; undefined when it is neither a region nor a zone.
 *
 * @param listed zones that the stack lists: they are those of a region that is newer than the table
 */
export function locate(location: string, listed: string[] = []): Location | undefined {
  const region = regionOf(location);
  const zones = isKnown(region) ? zonesOf(region) : zonesOfNewRegion(region, listed);
  if (location === region) {
    return zones.length > 0 ? { region, zones } : undefined;
  }
  return zones.includes(location) ? { region, zones, zone: location } : undefined;
}

/** Whether it could be the name of a region, or of a zone in one, that is newer than the table. */
export function couldBeNew(location: string): boolean {
  const region = regionOf(location);
  return !isKnown(region) && /^[a-z]+-[a-z]+\d{1,2}$/.test(region);
}

function zonesOfNewRegion(region: string, listed: string[]): string[] {
  return couldBeNew(region) && listed.every((zone) => zone !== region && regionOf(zone) === region) ? listed : [];
}

function regionOf(location: string): string {
  return location.replace(/-[a-z]$/, "");
}

function isKnown(region: string): boolean {
  return Object.hasOwn(zoneLetters, region);
}

/** What was probably meant by a location that is none. */
export function suggestLocation(location: string): string | undefined {
  const region = regionOf(location);
  return isKnown(region) ? `choose one of ${zonesOf(region).join(", ")}` : didYouMean(region, regions);
}
