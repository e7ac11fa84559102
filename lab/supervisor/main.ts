import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { BootPlan } from "../boot/boot-plan";
import { Supervisor } from "./supervise";

/**
 * The process that boots the lab and keeps it up. It is started in the lab's network namespace and in a mount
 * namespace of its own, so that every mount of the node goes when its last process does.
 */
async function main(planFile: string): Promise<void> {
  const plan = JSON.parse(fs.readFileSync(planFile, "utf8")) as BootPlan;
  // The kubelet and containerd see each other's mounts; the rest of the machine sees neither's.
  execFileSync("mount", ["--make-rshared", "/"]);
  for (const { from, to } of plan.mounts) {
    execFileSync("mount", ["--bind", from, to]);
  }
  const supervisor = new Supervisor(plan);
  await supervisor.boot();
}

main(process.argv[2]!).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
