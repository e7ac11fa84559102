import * as fs from "node:fs";
import * as path from "node:path";
import { loadOrCreateAuthority } from "../certificates";
import { buildImages } from "../images/build";
import { installImageStore, resolveImageStore } from "../images/store";
import { outsideAddresses } from "../outside/hosts";
import { state } from "../paths";
import { Progress } from "../progress";
import { installKubernetesPlugin } from "../pulumi/kubernetes-plugin";
import { ensureDebianPackages } from "../tools/debian";
import { IstioFiles, resolveIstioFiles } from "../tools/istio-files";
import { resolveTools, Tools } from "../tools/resolve";
import { bootPlan } from "./boot-plan";
import { createControlGroups } from "./cgroups";
import { takeDown } from "./down";
import { makeStateFolders, rememberHost, requireMachine } from "./host";
import { createNetwork, requireFreeNetwork } from "./network";
import { holdingPlace, Owner, writeOwner } from "./owner";
import { containerdRoot } from "./parts/containerd";
import { worldAuthorityFolder } from "./parts/world";
import { createPki } from "./pki";
import { labStatus } from "./status";
import { startSupervisor, untilUp } from "./supervisor-process";

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
    // Ctrl-C reaches the commands that a boot waits for as well: it may be broken off and fail at the same time.
    let undone: Promise<void> | undefined;
    const undo = () => (undone ??= takeDown(owner));
    const breakOff = (signal: NodeJS.Signals) => void undo().then(() => process.kill(process.pid, signal));
    process.once("SIGINT", breakOff).once("SIGTERM", breakOff);
    try {
      await boot(owner, progress);
    } catch (error) {
      await undo();
      throw error;
    } finally {
      process.off("SIGINT", breakOff).off("SIGTERM", breakOff);
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
    await createNetwork(outsideAddresses());
    linkTools(tools, istio);
    const plugin = await both(installKubernetesPlugin(tools.pulumi.path), async () => {
      await createPki();
      await installImageStore(imageStore, containerdRoot);
      await startSupervisor(await bootPlan(owner, tools));
      await untilUp(report);
    });
    progress.note(`Pulumi uses ${plugin}.`);
  });
}

/** Waits for the end of both, however they end: only then may what they have made be taken away again. */
async function both<T>(first: Promise<T>, second: () => Promise<void>): Promise<T> {
  const [one, other] = await Promise.allSettled([first, second()]);
  if (one.status === "rejected") {
    throw one.reason;
  }
  if (other.status === "rejected") {
    throw other.reason;
  }
  return one.value;
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
