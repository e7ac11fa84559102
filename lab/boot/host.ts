import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../errors";
import { state, stateFolder } from "../paths";
import { Owner } from "./owner";

/** Folders that the kubelet, containerd and its shims use under fixed paths, whatever their options say. */
const fixedFolders = ["/var/lib/kubelet", "/var/lib/cni", "/var/log/containers", "/run/containerd"];

/** What the kubelet sets for itself and nobody sets back. */
const changedSettings = ["vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops"];

function settingFile(name: string): string {
  return path.join("/proc/sys", name);
}

/** The machine's settings that a lab changes, by their names below /proc/sys. */
export function kernelSettings(): Record<string, string> {
  return Object.fromEntries(changedSettings.map((name) => [name, fs.readFileSync(settingFile(name), "utf8").trim()]));
}

export function setKernel(settings: Record<string, string>): void {
  for (const [name, value] of Object.entries(settings)) {
    fs.writeFileSync(settingFile(name), value);
  }
}

/** Notes what the lab will change outside its state folder, and makes the mount points that are missing. */
export function rememberHost(owner: Owner): void {
  owner.kernelSettings = kernelSettings();
  owner.madeFolders = fixedFolders.filter((folder) => !fs.existsSync(folder));
}

/** The lab's own folders, to be mounted over the fixed ones in the lab's mount namespace. */
export function makeHostMounts(owner: Owner): { from: string; to: string }[] {
  owner.madeFolders.forEach((folder) => fs.mkdirSync(folder, { recursive: true }));
  return fixedFolders.map((folder) => {
    const from = path.join(stateFolder, "host", folder);
    fs.mkdirSync(from, { recursive: true });
    return { from, to: folder };
  });
}

export function restoreHost(owner: Owner): void {
  setKernel(owner.kernelSettings);
  for (const folder of owner.madeFolders) {
    if (fs.existsSync(folder) && fs.readdirSync(folder).length === 0) {
      fs.rmdirSync(folder);
    }
  }
}

export function makeStateFolders(): void {
  for (const folder of [
    stateFolder,
    state.logs,
    state.run,
    state.temporary,
    state.bin,
    state.pulumiHome,
    state.pulumiBackend,
  ]) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

/** @throws LabError that says what the machine lacks for a lab */
export function requireMachine(): void {
  if (process.platform !== "linux") {
    throw new LabError(
      `The lab runs on Linux, and this is ${process.platform}: use a Debian machine, a virtual one will do.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new LabError("The lab makes network namespaces and runs containers: run this as root.");
  }
  if (!fs.existsSync("/sys/fs/cgroup")) {
    throw new LabError("There are no control groups under /sys/fs/cgroup: mount them, the kubelet needs them.");
  }
}
