import * as fs from "node:fs";
import * as path from "node:path";
import { clusterName } from "../topology";

/**
 * Every process of the lab, pods included, is in a control group below this name. That is how the lab knows
 * its own, whatever was killed and whatever record was lost.
 */
const group = clusterName;

/** Mount points of the control group hierarchies: one on a cgroup v2 machine, one per controller on v1. */
function hierarchies(): string[] {
  return fs
    .readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter((fields) => ["cgroup", "cgroup2"].includes(fields[fields.indexOf("-") + 1] ?? ""))
    .map((fields) => fields[4]!);
}

function isVersion2(): boolean {
  return fs.existsSync("/sys/fs/cgroup/cgroup.controllers");
}

/** The hierarchy in which membership is read; runc puts containers into all of them. */
function trackingRoot(): string {
  return path.join(isVersion2() ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids", group);
}

/** Makes the lab's control groups: one root for the kubelet's pods, and below it one for the lab's own processes. */
export function createControlGroups(): void {
  for (const hierarchy of hierarchies()) {
    const folder = path.join(hierarchy, group);
    fs.mkdirSync(folder, { recursive: true });
    // A new v1 cpuset has no processors and takes no process until it is given some.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      if (!isVersion2() && fs.existsSync(path.join(folder, file))) {
        fs.writeFileSync(path.join(folder, file), fs.readFileSync(path.join(hierarchy, file)));
      }
    }
  }
  fs.mkdirSync(path.join(trackingRoot(), "parts"), { recursive: true });
}

/** Moves a process, and so everything that it starts, among the lab's own. */
export function joinControlGroup(pid: number): void {
  fs.writeFileSync(path.join(trackingRoot(), "parts", "cgroup.procs"), String(pid));
}

function foldersBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) {
    return [];
  }
  const inner = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...inner.flatMap((entry) => foldersBelow(path.join(folder, entry.name))), folder];
}

/** Ids of all processes of the lab. */
export function labProcesses(): number[] {
  return foldersBelow(trackingRoot()).flatMap((folder) =>
    fs.readFileSync(path.join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number),
  );
}

/** Removes the lab's control groups from all hierarchies; they must hold no process any more. */
export function removeControlGroups(): void {
  for (const hierarchy of hierarchies()) {
    for (const folder of foldersBelow(path.join(hierarchy, group))) {
      fs.rmdirSync(folder);
    }
  }
}
