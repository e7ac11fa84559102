import * as path from "node:path";
import { bundle } from "../bundle";
import { repositoryFolder, state } from "../paths";
import type { ToolName } from "../tools/catalog";
import type { Tools } from "../tools/resolve";
import { makeHostMounts } from "./host";
import { Owner } from "./owner";
import { clusterDns, writeClusterDns } from "./parts/cluster-dns";
import { containerRuntime, writeContainerdConfig } from "./parts/containerd";
import { controlPlane } from "./parts/control-plane";
import { networkPolicies } from "./parts/network-policies";
import { node, writeNodeConfig } from "./parts/node";
import { world, writeWorldConfig } from "./parts/world";
import { statusFile } from "./status";

/** Where a tool's program is. */
export type ToolPath = (name: ToolName) => string;

/** How a part shows that others can rely on it; asked over and over until it says so. */
export type Readiness =
  /** A GET is answered with 200. Over https the certificate is not looked at: this asks for life, not for trust. */
  | { kind: "http" | "https"; address: string; port: number; path: string }
  /** containerd's CRI answers; its socket is there before that. */
  | { kind: "cri"; socket: string }
  /** A file is there. */
  | { kind: "file"; path: string };

/** One process of the lab. A service runs as long as the lab does; a task runs once and has to succeed. */
export type Part = {
  name: string;
  argv: string[];
  env?: Record<string, string>;
  network: "lab" | "outside";
  /** Parts that must be ready, or done, before this one is started. */
  after: string[];
} & ({ kind: "service"; ready: Readiness } | { kind: "task" });

/** What the supervisor is given. */
export interface BootPlan {
  parts: Part[];
  /** Seconds within which all must be ready and done. */
  timeout: number;
  logs: string;
  statusFile: string;
  /** Folders that parts insist on under fixed paths, and the lab's own folders that are mounted there instead. */
  mounts: { from: string; to: string }[];
}

/** Seconds from the supervisor's start in which all parts must be up. */
export const bootTimeoutSeconds = 120;

/** Writes the configuration of every part, and says which parts there are and what each of them needs. */
export async function bootPlan(owner: Owner, tools: Tools): Promise<BootPlan> {
  writeWorldConfig();
  writeContainerdConfig();
  writeNodeConfig();
  writeClusterDns();
  const tool = (name: ToolName) => tools[name].path;
  const [outsideServer, enforcer] = await Promise.all([labProgram("outside"), labProgram("netpol")]);
  const parts: Part[] = [
    ...controlPlane(tool),
    ...containerRuntime(),
    ...node(tool),
    ...networkPolicies(enforcer),
    ...clusterDns(tool),
    ...world(tool, outsideServer),
  ];
  return { parts, timeout: bootTimeoutSeconds, logs: state.logs, statusFile, mounts: makeHostMounts(owner) };
}

/** A long-running program of the lab as one file that plain Node runs. */
export function labProgram(room: string): Promise<string> {
  return bundle(path.join(repositoryFolder, "lab", room, "main.ts"));
}
