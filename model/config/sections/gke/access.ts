import { contains, formatCidr, parseCidr } from "../../../ground/cidr";
import { GkeConfig } from "../../../ground/gke/config";
import { sortedBy } from "../../../ground/order";
import { configPath } from "../../problem";
import { Report } from "../../shape";

/** GKE's limit. */
const mostNetworks = 100;

const everywhere = parseCidr("0.0.0.0/0")!;

/** The networks from which the control plane may be reached, in the order of their names. */
export function readAccess(
  networks: Record<string, string>,
  relax: GkeConfig["relax"],
  report: Report,
): Record<string, string> {
  const entries = sortedBy(Object.entries(networks), ([name]) => name);
  for (const [name, text] of entries) {
    reportNetwork(name, text, report);
  }
  const path = configPath("cluster", "authorizedNetworks");
  if (entries.length > mostNetworks) {
    report({ path, problem: `${entries.length} networks`, allowed: `${mostNetworks} at most, which is GKE's limit` });
  }
  if (relax.unlistedNetworks !== undefined && entries.length > 0) {
    report({
      path,
      value: networks,
      problem: `A list, although ${configPath("cluster", "relax", "unlistedNetworks")} opens the control plane to all`,
      fix: "remove one of the two",
    });
  }
  if (relax.publicEndpoint !== undefined && relax.unlistedNetworks === undefined && entries.length === 0) {
    report({
      path: configPath("cluster", "relax", "publicEndpoint"),
      value: relax.publicEndpoint,
      problem: "A public endpoint that no network may reach",
      fix: `list who may under ${path}, as office: 203.0.113.0/24`,
    });
  }
  return Object.fromEntries(entries);
}

function reportNetwork(name: string, text: string, report: Report): void {
  const path = configPath("cluster", "authorizedNetworks", name);
  const range = parseCidr(text);
  if (range === undefined || formatCidr(range) !== text) {
    report({
      path,
      value: text,
      problem: "Not a range of IPv4 addresses",
      allowed: "CIDR notation, as 203.0.113.0/24",
      fix: range === undefined ? undefined : `write "${formatCidr(range)}"`,
    });
  } else if (contains(range, everywhere)) {
    report({
      path,
      value: text,
      problem: "Every address there is, which is no list",
      fix: `say so under ${configPath("cluster", "relax", "unlistedNetworks")}, with a reason`,
    });
  }
}
