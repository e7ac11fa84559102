import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bundle } from "../bundle";
import { loadOrCreateAuthority } from "../certificates";
import { LabError } from "../errors";
import { buildImages } from "../images/build";
import { installImageStore, resolveImageStore } from "../images/store";
import { outsideAddresses } from "../outside/hosts";
import { repositoryFolder, state, stateFolder } from "../paths";
import { Progress } from "../progress";
import { installKubernetesPlugin } from "../pulumi/kubernetes-plugin";
import { ensureDebianPackages } from "../tools/debian";
import { ToolName } from "../tools/catalog";
import { IstioFiles, resolveIstioFiles } from "../tools/istio-files";
import { resolveTools, Tools } from "../tools/resolve";
import { network } from "../topology";
import { createControlGroups, joinControlGroup } from "./cgroups";
import { takeDown } from "./down";
import { makeHostMounts, makeStateFolders, rememberHost } from "./host";
import { createNetwork, namespacePath, requireFreeNetwork } from "./network";
import { holdingPlace, Owner, writeOwner } from "./owner";
import { BootPlan, Part } from "./part";
import { clusterDns, writeClusterDns } from "./parts/cluster-dns";
import { containerdRoot, containerRuntime, writeContainerdConfig } from "./parts/containerd";
import { controlPlane } from "./parts/control-plane";
import { networkPolicies } from "./parts/network-policies";
import { node, writeNodeConfig } from "./parts/node";
import { world, worldAuthorityFolder, writeWorldConfig } from "./parts/world";
import { createPki } from "./pki";
import { requireMachine } from "./requirements";
import { labStatus } from "./status";
import { readStatusFile, statusFile } from "./status-file";

const bootTimeoutSeconds = 120;

/**
 * Boots the lab, with all that it is made of installed, found or built first. A lab that is up already is left as
 * it is; one that is broken is taken down before. A boot that fails, or is broken off, leaves nothing.
 * @returns whether it was booted now
 * @throws LabError
 */
export async function labUp(progress: Progress): Promise<boolean> {
  requireMachine();
  return holdingPlace(async (owner) => {
    if (labStatus().state === "ready") {
      return false;
    }
    await takeDown(owner);
    writeOwner(owner);
    const undo = (signal: NodeJS.Signals) => void takeDown(owner).then(() => process.kill(process.pid, signal));
    process.once("SIGINT", undo).once("SIGTERM", undo);
    try {
      await boot(owner, progress);
    } catch (error) {
      await takeDown(owner);
      throw error;
    } finally {
      process.off("SIGINT", undo).off("SIGTERM", undo);
    }
    return true;
  });
}

async function boot(owner: Owner, progress: Progress): Promise<void> {
  await ensureDebianPackages(progress);
  const tools = await resolveTools(progress);
  const authority = await loadOrCreateAuthority(worldAuthorityFolder, "istio-egress lab outside world");
  const istio = await resolveIstioFiles(progress);
  const images = await buildImages({ tools, istio, authorityPem: authority.certificatePem }, progress);
  const imageStore = await resolveImageStore(images, progress);
  await progress.step("boot", async (report) => {
    requireFreeNetwork();
    rememberHost(owner);
    owner.networkMade = true;
    writeOwner(owner);
    makeStateFolders();
    createControlGroups();
    createNetwork(outsideAddresses());
    linkTools(tools, istio);
    const pulumi = installKubernetesPlugin(tools.pulumi.path);
    await createPki();
    await installImageStore(imageStore, containerdRoot);
    await startSupervisor(await bootPlan(owner, tools));
    await untilUp(report);
    progress.note(`Pulumi uses ${await pulumi}.`);
  });
}

async function bootPlan(owner: Owner, tools: Tools): Promise<BootPlan> {
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
function labProgram(room: string): Promise<string> {
  return bundle(path.join(repositoryFolder, "lab", room, "main.ts"));
}

/** Everything that a shell in the lab should find first on its PATH. */
function linkTools(tools: Tools, istio: IstioFiles): void {
  for (const [name, tool] of Object.entries(tools)) {
    linkTool(tool.path, path.join(state.bin, name));
  }
  fs.symlinkSync(istio.charts, state.charts);
}

/** By a hard link where it can be: a program that looks for its companions beside itself sees through the other kind. */
function linkTool(program: string, link: string): void {
  try {
    fs.linkSync(program, link);
  } catch {
    fs.symlinkSync(program, link);
  }
}

async function startSupervisor(plan: BootPlan): Promise<void> {
  const planFile = path.join(stateFolder, "boot-plan.json");
  fs.writeFileSync(planFile, JSON.stringify(plan, undefined, 2));
  const program = await labProgram("supervisor");
  const log = fs.openSync(path.join(state.logs, "supervisor.log"), "a");
  const argv = [
    `--net=${namespacePath(network.lab.namespace)}`,
    "--",
    ...["unshare", "--mount", "--propagation", "private", "--"],
    // It waits for a line before it becomes the supervisor: by then it is in the lab's control group.
    ...["sh", "-c", 'read -r go && exec "$@"', "supervisor", process.execPath, program, planFile],
  ];
  const child = spawn("nsenter", argv, { detached: true, stdio: ["pipe", log, log], cwd: "/" });
  fs.closeSync(log);
  joinControlGroup(child.pid!);
  child.stdin!.end("go\n");
  child.unref();
}

async function untilUp(report: (detail: string) => void): Promise<void> {
  const giveUp = Date.now() + (bootTimeoutSeconds + 10) * 1000;
  while (Date.now() < giveUp) {
    const status = readStatusFile();
    if (status?.phase === "ready") {
      return;
    }
    if (status?.phase === "failed") {
      throw new LabError(`The lab did not come up: ${status.error}`);
    }
    const missing = Object.entries(status?.parts ?? {}).filter(([, part]) => !["ready", "done"].includes(part.state));
    report(`waiting for ${missing.map(([name]) => name).join(", ") || "the supervisor"}`);
    await delay(100);
  }
  const log = fs.readFileSync(path.join(state.logs, "supervisor.log"), "utf8").trim();
  throw new LabError(`The lab did not come up: its supervisor gave no sign of life. ${log.slice(-400)}`);
}
