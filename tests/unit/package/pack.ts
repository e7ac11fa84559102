import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import manifest from "../../../package.json";
import { repositoryFolder } from "../../../lab/paths";

/** What the package is built of: folders with all that is in them, and files. */
const sources = [
  "components",
  "model",
  "cli",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
];

/**
 * Packs the package, and builds it first unless what is built is newer than all that it is built of.
 *
 * @param folder where the archive goes
 * @returns the archive's path
 */
export function pack(folder: string): string {
  const how = isBuilt() ? ["pack"] : ["run", "--silent", "package", "--"];
  execFileSync("npm", [...how, "--loglevel=error", "--pack-destination", folder], {
    cwd: repositoryFolder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return path.join(folder, `istio-egress-${manifest.version}.tgz`);
}

function isBuilt(): boolean {
  const built = times("dist", (entry) => entry.isFile());
  return built.length > 0 && Math.min(...built) > Math.max(...sources.flatMap((source) => times(source)));
}

/** When a file, or each of what is in a folder, was last written; a folder is written when something goes from it. */
function times(source: string, counts: (entry: fs.Dirent) => boolean = () => true): number[] {
  const top = path.join(repositoryFolder, source);
  const time = (file: string) => fs.statSync(file).mtimeMs;
  if (!fs.existsSync(top)) {
    return [];
  }
  return fs.statSync(top).isFile()
    ? [time(top)]
    : fs
        .readdirSync(top, { recursive: true, withFileTypes: true })
        .filter(counts)
        .map((entry) => time(path.join(entry.parentPath, entry.name)));
}
