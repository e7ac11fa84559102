import { GkeConfig } from "../../../ground/gke/config";
import { configPath } from "../../problem";
import { Report } from "../../shape";

/**
 * The oldest minor that Istio supports, by its table "Support status of Istio releases" (1.30 and what came after it:
 * 1.32 to 1.36). GKE's Extended channel, which keeps a minor longest, is about to end the one before: the "Current
 * versions" of its release notes, in a copy of autumn 2026, name 1.31 to 1.36, and raise 1.31 to 1.32.
 */
const oldestMinor = 32;

const form = /^1\.(\d+)(\.\d+(-gke\.\d+)?)?$/;

/** Reports a version in another form than GKE's, and one that is missing where no channel chooses it. */
export function reportVersion(version: string | undefined, relax: GkeConfig["relax"], report: Report): void {
  const path = configPath("cluster", "version");
  const allowed = `1.${oldestMinor} or later, as "1.34" or "1.34.1-gke.1829001"`;
  if (version === undefined) {
    if (relax.noReleaseChannel !== undefined) {
      report({ path, problem: "Required, but missing: without a release channel nobody chooses one", allowed });
    }
    return;
  }
  const match = form.exec(version);
  if (match === null) {
    const bare = version.replace(/^v/, "");
    report({
      path,
      value: version,
      problem: "Not in the form of GKE's versions",
      allowed,
      fix: form.test(bare) ? `write "${bare}"` : "remove it, and the release channel chooses",
    });
  } else if (Number(match[1]) < oldestMinor) {
    report({
      path,
      value: version,
      problem: "Older than what Istio supports",
      allowed,
      fix: "remove it, and the release channel chooses",
    });
  }
}
