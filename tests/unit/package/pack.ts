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

/** What this repository has installed. */
export const modules = path.join(repositoryFolder, "node_modules");

/**
 * Packs the package and unpacks it in a project that has nothing else than what the package needs, and what is named: as
 * npm would, but without a registry.
 *
 * @returns the package's folder
 */
export function installPacked(consumer: string, ...others: string[]): string {
  const installed = path.join(consumer, "node_modules", "istio-egress");
  fs.mkdirSync(installed, { recursive: true });
  const archive = pack(consumer);
  execFileSync("tar", ["--extract", "--gzip", "--strip-components=1", "--file", archive, "--directory", installed]);
  const optional = Object.keys(manifest.peerDependenciesMeta);
  const needed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  [...needed.filter((name) => !optional.includes(name)), ...others].forEach((name) => link(consumer, name));
  return installed;
}

/** Links what a project needs from what is installed here. */
export function link(consumer: string, name: string): void {
  const at = path.join(consumer, "node_modules", name);
  fs.mkdirSync(path.dirname(at), { recursive: true });
  fs.symlinkSync(path.join(modules, name), at);
}
