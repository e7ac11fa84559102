import * as fs from "node:fs";
import { LabError } from "../errors";

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
