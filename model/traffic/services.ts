import { getDomain } from "tldts";
import { selfAndAbove } from "../ground/hosts";
import { services } from "../ground/presets";

/** A name stands for those below it, too. Nothing is proposed because it is in the table: only what was called. */
const serviceOf = new Map(
  services.flatMap(({ name, domains = [] }) => domains.map((domain) => [domain, name] as const)),
);

/** What a host belongs to: hosts of one are proposed together where they are called by the same workloads. */
export interface Site {
  /** A part of a destination's name. */
  name: string;
  /** A domain, or the name of a well-known service. */
  key: string;
}

export function siteOf(host: string): Site {
  const above = selfAndAbove(host);
  const known = above.find((name) => serviceOf.has(name));
  if (known !== undefined) {
    return { name: serviceOf.get(known)!, key: serviceOf.get(known)! };
  }
  // Names below a domain of the list's private part, as of github.io, are one customer's each. A name that is a suffix itself
  // is a site of its own.
  const domain = getDomain(host, { allowPrivateDomains: true }) ?? host;
  return { name: domain.split(".")[0]!, key: domain };
}
