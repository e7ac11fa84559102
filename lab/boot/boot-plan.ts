import * as path from "node:path";
import { bundle } from "../bundle";
import { repositoryFolder, state } from "../paths";
import type { ToolName } from "../tools/catalog";
import type { Tools } from "../tools/resolve";
import { makeHostMounts } from "./host";
import { Owner } from "./owner";
import { BootPlan, Part } from "./part";
import { clusterDns, writeClusterDns } from "./parts/cluster-dns";
import { containerRuntime, writeContainerdConfig } from "./parts/containerd";
import { controlPlane } from "./parts/control-plane";
import { networkPolicies } from "./parts/network-policies";
import { node, writeNodeConfig } from "./parts/node";
import { world, writeWorldConfig } from "./parts/world";
import { statusFile } from "./status-file";

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
