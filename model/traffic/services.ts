import { getDomain } from "tldts";
import { selfAndAbove } from "../ground/hosts";

/**
 * Services that many programs call by several names: hosts of one are proposed together. A name stands for those below
 * it, too. Nothing is proposed because it is in this table: only what was called.
 */
const services: { name: string; hosts: string[]; source: string }[] = [
  {
    name: "github",
    hosts: ["github.com", "githubusercontent.com", "githubassets.com", "ghcr.io"],
    source: "https://docs.github.com/en/actions/reference/runners/self-hosted-runners",
  },
  {
    name: "google-apis",
    hosts: ["googleapis.com"],
    source: "https://cloud.google.com/vpc/docs/configure-private-google-access",
  },
  {
    name: "docker-hub",
    hosts: ["docker.io", "docker.com"],
    source: "https://docs.docker.com/desktop/setup/allow-list/",
  },
  { name: "pypi", hosts: ["pypi.org", "pythonhosted.org"], source: "https://docs.pypi.org/api/index-api/" },
  { name: "npm", hosts: ["npmjs.org"], source: "https://docs.npmjs.com/cli/using-npm/registry" },
  { name: "aws", hosts: ["amazonaws.com"], source: "https://docs.aws.amazon.com/general/latest/gr/rande.html" },
  { name: "stripe", hosts: ["stripe.com"], source: "https://docs.stripe.com/ips" },
  {
    name: "datadog",
    hosts: ["datadoghq.com", "datadoghq.eu"],
    source: "https://docs.datadoghq.com/agent/configuration/network/",
  },
  {
    name: "sentry",
    hosts: ["sentry.io"],
    source: "https://docs.sentry.io/security-legal-pii/security/ip-ranges/",
  },
];

const serviceOf = new Map(services.flatMap(({ name, hosts }) => hosts.map((host) => [host, name] as const)));

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
