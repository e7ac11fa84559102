import { GkeConfig } from "../../../ground/gke/config";
import { relaxSchema } from "../../gke-schema";
import { configPath } from "../../problem";
import { readFields, Report } from "../../shape";

/** Relaxations that GKE takes only beside another one. */
const requires = [
  { name: "manualUpgrades", needs: "noReleaseChannel", why: "A release channel upgrades nodes by itself" },
  { name: "manualRepair", needs: "noReleaseChannel", why: "A release channel repairs nodes by itself" },
  { name: "unlistedNetworks", needs: "publicEndpoint", why: "Without a public endpoint there is nothing to open" },
] as const;

/** The relaxations and their reasons. */
export function readRelaxations(raw: unknown, report: Report): GkeConfig["relax"] {
  const relax = readFields(relaxSchema, raw ?? {}, ["cluster", "relax"], report).sound;
  for (const { name, needs, why } of requires) {
    if (relax[name] !== undefined && relax[needs] === undefined) {
      report({
        path: configPath("cluster", "relax", name),
        value: relax[name],
        problem: why,
        fix: `add ${configPath("cluster", "relax", needs)} with its reason, or remove this one`,
      });
    }
  }
  return relax;
}
