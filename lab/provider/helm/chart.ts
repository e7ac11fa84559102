import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { JsonObject, child, text } from "../../json";

/** A chart that is a folder or a packaged file on this machine; undefined for one that Helm fetches. */
export function localChart(inputs: JsonObject): string | undefined {
  const chart = text(inputs, "chart") ?? "";
  const fetched = text(child(inputs, "repositoryOpts"), "repo") !== undefined || chart.includes("://");
  return !fetched && (isPath(chart) || fs.existsSync(chart)) ? chart : undefined;
}

/** What is wrong with a local chart, or undefined. */
export function chartProblem(chart: string): string | undefined {
  const stat = fs.statSync(chart, { throwIfNoEntry: false });
  if (stat === undefined) {
    return `there is no chart at ${chart}.`;
  }
  const isChart = stat.isFile() || fs.existsSync(path.join(chart, "Chart.yaml"));
  return isChart ? undefined : `${chart} is no chart: it has no Chart.yaml.`;
}

/** Digest of all that a local chart consists of, so that a change inside it shows as a change. */
export function chartDigest(chart: string): string {
  const hash = createHash("sha256");
  for (const file of filesOf(chart)) {
    hash
      .update(`${path.relative(chart, file)}\0`)
      .update(fs.readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesOf(root: string): string[] {
  if (fs.statSync(root).isFile()) {
    return [root];
  }
  const entries = fs.readdirSync(root).sort();
  return entries.flatMap((entry) => filesOf(path.join(root, entry)));
}

/** Helm reads `repository/chart` as a chart of a repository that it knows. */
function isPath(chart: string): boolean {
  return path.isAbsolute(chart) || chart.startsWith("./") || chart.startsWith("../");
}
