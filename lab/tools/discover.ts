import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../errors";
import { versions } from "../topology";
import type { BuiltToolName } from "./catalog";
import { run } from "./command";

type AnyToolName = BuiltToolName | "envoy";

/** A program that was there already. */
export interface FoundTool {
  path: string;
  /** As the program states it, without a leading "v"; "unknown" when it states none. */
  version: string;
}

/** A program that the lab runs, and where it was had from. */
export interface Tool extends FoundTool {
  source: "named" | "path" | "cache" | "built" | "downloaded";
}

interface VersionRule {
  /** Arguments that make the program write its version. */
  args: readonly string[];
  /** Whether a program of this version may stand in for the pinned one. */
  fits: (version: readonly [major: number, minor: number]) => boolean;
}

const versionSeconds = 5;

const kubernetes = { fits: sameMinor(versions.kubernetes) };

/** Tools that a program from PATH may stand in for. The others are built for this lab alone, or have to be one exact version. */
const versionRules: Partial<Record<AnyToolName, VersionRule>> = {
  "kube-apiserver": { ...kubernetes, args: ["--version"] },
  "kube-controller-manager": { ...kubernetes, args: ["--version"] },
  "kube-scheduler": { ...kubernetes, args: ["--version"] },
  kubelet: { ...kubernetes, args: ["--version"] },
  "kube-proxy": { ...kubernetes, args: ["--version"] },
  kubectl: { ...kubernetes, args: ["version", "--client"] },
  etcd: { args: ["--version"], fits: ([major, minor]) => major === 3 && (minor === 5 || minor === 6) },
  helm: { args: ["version", "--short"], fits: ([major]) => major === 3 },
  pulumi: { args: ["version"], fits: atLeastMinor(versions.pulumi) },
};

/** The variable with which a user names the program for a tool: ISTIO_EGRESS_TOOL_KUBE_PROXY for kube-proxy. */
export function variableOf(tool: AnyToolName): string {
  return `ISTIO_EGRESS_TOOL_${tool.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * The program that the user names for a tool, of whatever version.
 *
 * @throws LabError when it is no executable file
 */
export async function findNamed(tool: AnyToolName, environment = process.env): Promise<FoundTool | undefined> {
  const variable = variableOf(tool);
  const named = environment[variable];
  if (named === undefined || named === "") {
    return undefined;
  }
  if (!(await isExecutable(named))) {
    throw new LabError(`${variable} names ${named}, which is not an executable file; name one, or unset ${variable}`);
  }
  const program = path.resolve(named);
  return { path: program, version: (await versionOf(tool, program)) ?? "unknown" };
}

/** The first program on PATH for a tool whose version fits. */
export async function findOnPath(tool: AnyToolName, environment = process.env): Promise<FoundTool | undefined> {
  if (tool === "pulumi-language-nodejs") {
    return findLanguageHost(environment);
  }
  const rule = versionRules[tool];
  for (const folder of rule === undefined ? [] : (environment.PATH ?? "").split(path.delimiter)) {
    const program = path.resolve(folder, tool);
    const version = (await isExecutable(program)) ? await versionOf(tool, program) : undefined;
    if (version !== undefined && rule?.fits(majorAndMinor(version)) && (await isComplete(tool, program))) {
      return { path: program, version };
    }
  }
  return undefined;
}

/** The language host has no say in its version: it comes with the CLI and fits where the CLI does. */
async function findLanguageHost(environment: NodeJS.ProcessEnv): Promise<FoundTool | undefined> {
  const cli = await findOnPath("pulumi", environment);
  return cli === undefined ? undefined : { path: languageHostOf(cli.path), version: cli.version };
}

async function isComplete(tool: AnyToolName, program: string): Promise<boolean> {
  return tool !== "pulumi" || isExecutable(languageHostOf(program));
}

function languageHostOf(cli: string): string {
  return path.join(path.dirname(cli), "pulumi-language-nodejs");
}

/** @returns undefined when the program cannot be asked, does not answer in time, or names no version */
async function versionOf(tool: AnyToolName, program: string): Promise<string | undefined> {
  const rule = versionRules[tool];
  if (rule === undefined) {
    return undefined;
  }
  const result = await run(program, rule.args, { timeoutSeconds: versionSeconds }).catch(() => undefined);
  return result && /\bv?(\d+\.\d+\.\d+[^\s]*)/.exec(result.stdout)?.[1];
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await fs.access(file, constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}

function sameMinor(pinned: string): VersionRule["fits"] {
  const [major, minor] = majorAndMinor(pinned);
  return (version) => version[0] === major && version[1] === minor;
}

function atLeastMinor(pinned: string): VersionRule["fits"] {
  const [major, minor] = majorAndMinor(pinned);
  return (version) => version[0] === major && version[1] >= minor;
}

function majorAndMinor(version: string): [major: number, minor: number] {
  const [major, minor] = version.split(".").map(Number);
  return [major ?? Number.NaN, minor ?? Number.NaN];
}
