import { addressesText } from "../../ground/addresses";
import { asRange, parseCidr } from "../../ground/cidr";
import { says } from "../../ground/objects";
import { sortedUnique } from "../../ground/order";
import { addressesProblem, isPublic, ownAddressesProblem } from "../addresses";
import { ownRanges, reportUnknownRanges } from "../own-ranges";
import { configPath } from "../problem";
import { Report } from "../shape";
import { namesOnly as namesOnlyTraits } from "../traits";
import { ClusterConfig } from "../types";
import type { Destinations } from "./destinations";

/** What makes no sense of a destination that is called by its addresses, and why. */
const namesOnly: Record<string, string> = {
  hosts: "A destination is called by names or by addresses: what a name leads to is the name's to say",
  protocols: "What is called by its address goes as bytes, on the ports that are listed",
  preset: "A preset's hosts are called by their names",
  ...namesOnlyTraits,
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
  { owners, ranges }: Pick<Destinations, "owners" | "ranges">,
  report: Report,
): string[] {
  const at = (...place: (string | number)[]) => configPath("destinations", destination, ...place);
  const written = sound.addresses ?? [];
  if (!connects) {
    report({
      path: at("addresses"),
      value: written,
      problem: "Sidecars lead addresses to a gateway by an EnvoyFilter, and this mesh takes none",
      fix: `remove the destination; what has private addresses goes under ${configPath("outside")}`,
    });
  }
  for (const [key, problem] of Object.entries(namesOnly)) {
    if (says(value, key)) {
      report({
        path: at(key),
        value: value[key],
        problem,
        fix: key === "hosts" || key === "preset" ? "make two destinations of it" : "remove it",
      });
    }
  }
  if (!says(value, "ports")) {
    report({
      path: at("ports"),
      problem: "Missing: an address by itself says nothing of what is called there",
      allowed: "ports by their numbers, as [5432/tcp, 443/tcp]",
      fix: "add the ports that are called",
    });
  }
  const own = ownRanges(cluster);
  const found = written.flatMap((text, index) => {
    const path = at("addresses", index);
    const problem = addressesProblem(text) ?? ownAddressesProblem(text, own);
    if (problem !== undefined) {
      report({ path, ...problem });
      return [];
    }
    const addresses = addressesText(text);
    const range = parseCidr(asRange(addresses))!;
    const [earlier] = ranges.overlapping(range);
    if (earlier !== undefined) {
      report({
        path,
        value: text,
        problem: `Holds addresses of ${earlier.path} as well, ${earlier.addresses}: which of the two a call means nobody could say`,
        fix: earlier.path.startsWith(at("addresses"))
          ? "remove one of the two"
          : "leave each address in one place, and allow that destination to whoever needs it",
      });
      return [];
    }
    owners.set(addresses, { destination, path });
    ranges.add(range, { addresses, path });
    return [addresses];
  });
  if (found.some((addresses) => !isPublic(addresses))) {
    reportUnknownRanges(at("addresses"), cluster, report);
  }
  return sortedUnique(found);
}
