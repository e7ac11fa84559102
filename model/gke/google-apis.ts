import type { GkeConfig } from "../ground/gke/config";
import { googleDomains, restrictedVip } from "../ground/gke/restricted-vip";
import { scoped } from "../ground/gke/names";

/** Seconds. */
const ttl = 300;

export interface ZonePlan {
  /** The zone's domain, without the final dot. */
  domain: string;
  zone: { name: string; dnsName: string; visibility: string; description: string };
  /** Lack the zone's name alone. */
  records: { key: string; name: string; type: string; ttl: number; rrdatas: string[] }[];
}

/** Private zones, which every resolver of the network asks first: each name of Google's is at the restricted address. */
export function planGoogleApis(gke: GkeConfig): ZonePlan[] {
  return googleDomains.map((domain) => ({
    domain,
    zone: {
      name: scoped(gke, domain.replace(/\./g, "-")),
      dnsName: `${domain}.`,
      visibility: "private",
      description: "Google, without a way out of the network",
    },
    records: recordsOf(domain),
  }));
}

function recordsOf(domain: string): ZonePlan["records"] {
  const address = domain === "googleapis.com" ? `restricted.${domain}.` : `${domain}.`;
  return [
    { key: "address", name: address, type: "A", ttl, rrdatas: restrictedVip.addresses },
    { key: "every-name", name: `*.${domain}.`, type: "CNAME", ttl, rrdatas: [address] },
  ];
}
