import { didYouMean } from "../config/suggest";

/** Google's regions and the last letters of their zones, as published in 2026; a newer region is added here. */
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
  return [...(Object.hasOwn(zoneLetters, region) ? zoneLetters[region]! : "")].map((letter) => `${region}-${letter}`);
}

export interface Location {
  region: string;
  /** Set when the location is a zone. */
  zone?: string;
}

/** What a location stands for; undefined when it is neither a region nor a zone. */
export function locate(location: string): Location | undefined {
  if (Object.hasOwn(zoneLetters, location)) {
    return { region: location };
  }
  const region = location.replace(/-[a-z]$/, "");
  return zonesOf(region).includes(location) ? { region, zone: location } : undefined;
}

/** What was probably meant by a location that is none. */
export function suggestLocation(location: string): string | undefined {
  const region = location.replace(/-[a-z]$/, "");
  return Object.hasOwn(zoneLetters, region)
    ? `choose one of ${zonesOf(region).join(", ")}`
    : didYouMean(region, regions);
}
