import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LabError } from "../errors";
import { state, stateFolder } from "../paths";
import { network } from "../topology";
import { bootTimeoutSeconds, labProgram } from "./boot-plan";
import { joinControlGroup } from "./cgroups";
import { namespacePath } from "./network";
import { BootPlan } from "./part";
import { readStatusFile } from "./status-file";

/** Starts the supervisor as a process that outlives this one, among the lab's own. */
export async function startSupervisor(plan: BootPlan): Promise<void> {
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

/** @throws LabError that says which part did not come up, and what it said last */
export async function untilUp(report: (detail: string) => void): Promise<void> {
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
