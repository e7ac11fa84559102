import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { Report } from "../progress";
import { cached, type CacheEntry, cacheKey } from "./cache";
import type { BuiltToolName, ToolGroup } from "./catalog";
import { go, type GoEnvironment, goEnvironment } from "./golang";

/** The part of a group that a build needs. */
export type BuildableGroup = Pick<ToolGroup, "folder" | "packages" | "linkerFlags" | "tags"> & { name: string };

/** Where a group's programs are, or will be once they are built: in the cache, under a key of all that goes in. */
export async function groupEntry(group: BuildableGroup, folder: string): Promise<CacheEntry> {
  return { folder, kind: group.name, key: await groupKey(group, await goEnvironment(group.folder)) };
}

/**
 * Builds a group's programs, unless they are in the cache already.
 *
 * @param report is told how many packages are compiled
 * @returns the folder with the programs
 * @throws LabError when Go is missing or too old, its module proxy is out of reach, the disk is full or the build fails
 */
export async function buildGroup(group: BuildableGroup, folder: string, report: Report): Promise<string> {
  return cached(await groupEntry(group, folder), (partial) => buildInto(group, partial, report), {
    onWait: () => report("another process builds it, waiting"),
  });
}

async function buildInto(group: BuildableGroup, folder: string, report: Report): Promise<void> {
  // Go's intermediate files stay inside the folder that is removed when the build does not come to its end.
  const temporary = path.join(folder, ".work");
  await fs.mkdir(temporary, { recursive: true });

  const packages = Object.values(group.packages);
  report("downloading modules");
  const tags = group.tags === undefined ? [] : ["-tags", group.tags];
  const { stdout } = await go(["list", "-deps", ...tags, ...packages], { cwd: group.folder });
  const total = stdout.trim().split("\n").length;

  let compiled = 0;
  const options = ["-v", "-trimpath", ...tags, "-ldflags", group.linkerFlags, "-o", outputOf(group, folder)];
  await go(["build", ...options, ...packages], {
    cwd: group.folder,
    endsWithUs: true,
    env: { GOTMPDIR: temporary },
    onErrorLine: (line) => {
      if (isPackagePath(line)) {
        compiled += 1;
        report(`${compiled} of up to ${total} packages compiled`);
      }
    },
  });
  await fs.rm(temporary, { recursive: true });
}

/** Go names several programs by their packages; a single one may be called otherwise than its package. */
function outputOf(group: BuildableGroup, folder: string): string {
  const commands = Object.keys(group.packages) as BuiltToolName[];
  return commands.length === 1 ? path.join(folder, commands[0]!) : `${folder}${path.sep}`;
}

/** With -v Go writes each package's path as it compiles it, among its other messages. */
function isPackagePath(line: string): boolean {
  return /^[\w.~/-]+$/.test(line);
}

async function groupKey(group: BuildableGroup, environment: GoEnvironment): Promise<string> {
  const names = (await fs.readdir(group.folder)).filter((name) => /^go\.(mod|sum)$|\.go$/.test(name)).sort();
  const files = await Promise.all(names.map((name) => fs.readFile(path.join(group.folder, name))));
  return cacheKey([
    ...names.flatMap((name, index) => [name, files[index]!]),
    JSON.stringify(group.packages),
    group.linkerFlags,
    ...(group.tags === undefined ? [] : [group.tags]),
    `${environment.version} ${environment.os}/${environment.architecture}`,
  ]);
}
