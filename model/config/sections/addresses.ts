import { addressesText, isAddresses } from "../../ground/addresses";
import { asRange, overlap, parseCidr } from "../../ground/cidr";
import { isObject } from "../../ground/objects";
import { sortedUnique } from "../../ground/order";
import { addressesProblem, isPublic, ownAddressesProblem } from "../addresses";
import { configPath } from "../problem";
import { Report } from "../shape";
import { ClusterConfig } from "../types";
import { ownRanges } from "./cluster";
import type { Destinations } from "./destinations";

/** What makes no sense of a destination that is called by its addresses, and why. */
const namesOnly: Record<string, string> = {
  hosts: "A destination is called by names or by addresses: what a name leads to is the name's to say",
  protocols: "What is called by its address goes as bytes, on the ports that are listed",
  originate: "A gateway opens TLS to a name, which the certificate has to carry, and an address has none",
  preset: "A preset's hosts are called by their names",
  via: "A proxy is asked for names, which it looks up",
  private: "Addresses are what they are: private ones are listed among them",
};

interface WrittenAddresses {
  value: unknown;
  sound: { addresses?: string[]; ports?: string[] };
  connects: boolean;
  cluster: ClusterConfig;
}

/** The addresses that a destination is called by, in order; each of them is one destination's. */
export function readAddresses(
  destination: string,
  { value, sound, connects, cluster }: WrittenAddresses,
  owners: Destinations["owners"],
  report: Report,
): string[] {
  const at = (...place: (string | number)[]) => configPath("destinations", destination, ...place);
  const written = sound.addresses ?? [];
  if (!connects) {
    report({
      path: at("addresses"),
      value: written,
      problem: "Sidecars lead addresses to a gateway by an EnvoyFilter, and this mesh takes none",
      fix: `remove it; what has private addresses goes under ${configPath("outside")}`,
    });
  }
  for (const [key, problem] of Object.entries(namesOnly)) {
    const other = isObject(value) ? value[key] : undefined;
    if (other !== undefined && other !== null) {
      report({
        path: at(key),
        value: other,
        problem,
        fix: key === "hosts" || key === "preset" ? "make two destinations of it" : "remove it",
      });
    }
  }
  if (!isObject(value) || value.ports === undefined || value.ports === null) {
    report({
      path: at("ports"),
      problem: "Missing: an address by itself says nothing of what is called there",
      allowed: "ports by their numbers, as [5432/tcp, 443/tcp]",
      fix: "add the ports that are called",
    });
  }
  const found = written.flatMap((text, index) => {
    const problem = addressesProblem(text) ?? ownAddressesProblem(text, ownRanges(cluster));
    if (problem !== undefined) {
      report({ path: at("addresses", index), ...problem });
      return [];
    }
    const addresses = addressesText(text);
    const path = at("addresses", index);
    const earlier = [...owners].find(([host]) => isAddresses(host) && overlaps(host, addresses));
    if (earlier !== undefined) {
      report({
        path,
        value: text,
        problem: `Holds addresses of ${earlier[1].path} as well, ${earlier[0]}: which of the two a call means nobody could say`,
        fix: "leave each address in one place, and allow that destination to whoever needs it",
      });
      return [];
    }
    owners.set(addresses, { destination, path });
    return [addresses];
  });
  const isInside = found.some((addresses) => !isPublic(addresses));
  if (isInside && cluster.kind === "existing" && cluster.ranges === undefined) {
    report({
      path: configPath("cluster", "ranges"),
      problem: `Nothing says which addresses are the cluster's own, and ${at("addresses")} is not to open any of them`,
      allowed: "ranges of its nodes, pods and Services, and of its API server, as [10.244.0.0/16, 10.96.0.0/12]",
      fix: "add it",
    });
  }
  return sortedUnique(found);
}

function overlaps(a: string, b: string): boolean {
  return overlap(parseCidr(asRange(a))!, parseCidr(asRange(b))!);
}
