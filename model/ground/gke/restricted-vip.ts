/** Where Google's APIs are reached without a way out, those alone that VPC Service Controls can guard. */
export const restrictedVip = {
  range: "199.36.153.4/30",
  addresses: ["199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7"],
};

/** Domains that lead to the restricted address on a cluster's network: APIs, and registries of images. */
export const googleDomains = ["gcr.io", "googleapis.com", "pkg.dev"] as const;

/** Names of Google's that the restricted address does not serve, and what they are. */
export interface Unserved {
  names: readonly string[];
  what: string;
}

/**
 * What is known not to be served there; of other names Google's list of what is served is the word.
 *
 * Source: Google Cloud's documentation, "Configure Private Google Access", section "Domain options" (read 2026-12-01):
 * restricted.googleapis.com has the APIs that VPC Service Controls can guard, "does not support Google Workspace APIs", and
 * Maps and Ads are named of private.googleapis.com only. The names are those of each API's own reference.
 */
export const unservedByRestrictedVip: readonly Unserved[] = [
  {
    what: "an API of Google Workspace",
    names: [
      "admin.googleapis.com",
      "calendar-json.googleapis.com",
      "chat.googleapis.com",
      "classroom.googleapis.com",
      "docs.googleapis.com",
      "drive.googleapis.com",
      "driveactivity.googleapis.com",
      "forms.googleapis.com",
      "gmail.googleapis.com",
      "keep.googleapis.com",
      "meet.googleapis.com",
      "people.googleapis.com",
      "sheets.googleapis.com",
      "slides.googleapis.com",
      "tasks.googleapis.com",
    ],
  },
  {
    what: "an API of Google Maps",
    names: [
      "addressvalidation.googleapis.com",
      "maps.googleapis.com",
      "places.googleapis.com",
      "roads.googleapis.com",
      "routes.googleapis.com",
      "tile.googleapis.com",
    ],
  },
  { what: "Google Ads", names: ["googleads.googleapis.com"] },
];
