import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BootPlan, Part } from "../boot/boot-plan";
import { identify } from "../boot/supervisor-process";
import { LabStatusFile, PartStatus, writeStatusFile } from "../boot/status";
import { namespacePath } from "../boot/network";
import { network } from "../topology";
import { isReady } from "./readiness";

const askEvery = 100;
/** Starts of one part that may fail before the boot is given up; a running lab's parts are restarted without end. */
const startsWhileBooting = 5;
const firstPause = 100;
const longestPause = 10_000;

/** Starts the parts of a plan in the order of their needs, keeps services alive and writes down how they are. */
export class Supervisor {
  private readonly status: LabStatusFile;
  private readonly begun = Date.now();
  private readonly reached = new Map<string, Promise<void>>();

  constructor(private readonly plan: BootPlan) {
    this.status = { supervisor: identify(process.pid)!, phase: "booting", parts: {} };
    for (const part of plan.parts) {
      this.status.parts[part.name] = { state: "waiting", restarts: 0 };
    }
  }

  /** Comes back when all parts are up; their restarts go on for as long as the process lives. */
  async boot(): Promise<void> {
    this.write();
    const late = AbortSignal.timeout(this.plan.timeout * 1000);
    const overdue = new Promise<never>((_, reject) => {
      late.addEventListener("abort", () => reject(new Error(this.overdueMessage())));
    });
    try {
      await Promise.race([Promise.all(this.plan.parts.map((part) => this.reach(part))), overdue]);
      this.status.phase = "ready";
    } catch (error) {
      this.status.phase = "failed";
      this.status.error = (error as Error).message;
    }
    this.write();
  }

  private overdueMessage(): string {
    const missing = Object.entries(this.status.parts)
      .filter(([, part]) => !["ready", "done"].includes(part.state))
      .map(([name, part]) => `${name} (${part.state})`);
    return `not up within ${this.plan.timeout} s: ${missing.join(", ")}`;
  }

  /** A part's first readiness, for all who wait for it. */
  private reach(part: Part): Promise<void> {
    let promise = this.reached.get(part.name);
    if (promise === undefined) {
      promise = this.start(part);
      this.reached.set(part.name, promise);
    }
    return promise;
  }

  private async start(part: Part): Promise<void> {
    const needs = part.after.map((name) => this.plan.parts.find((other) => other.name === name)!);
    await Promise.all(needs.map((need) => this.reach(need)));
    if (part.kind === "task") {
      await this.runTask(part);
    } else {
      await this.runService(part);
    }
  }

  private async runTask(part: Part): Promise<void> {
    this.set(part, { state: "starting" });
    const { exit } = this.spawn(part);
    const how = await exit;
    if (how !== "exit code 0") {
      this.set(part, { state: "failed", process: undefined });
      throw new Error(`${part.name} failed (${how}): ${this.lastLines(part)}`);
    }
    this.set(part, { state: "done", process: undefined, readyAfter: this.elapsed() });
  }

  private runService(part: Part & { kind: "service" }): Promise<void> {
    return new Promise((resolve, reject) => {
      const keepAlive = async (): Promise<void> => {
        for (let starts = 1, pause = firstPause; ; starts++) {
          this.set(part, { state: starts === 1 ? "starting" : "restarting" });
          const begun = Date.now();
          const { exit } = this.spawn(part);
          let ended: string | undefined;
          const over = exit.then((how) => (ended = how));
          while (ended === undefined && !(await isReady(part.ready))) {
            await Promise.race([over, delay(askEvery)]);
          }
          if (ended === undefined) {
            this.set(part, { state: "ready", readyAfter: this.status.parts[part.name]!.readyAfter ?? this.elapsed() });
            resolve();
          }
          const how = await over;
          if (this.status.phase === "booting" && starts >= startsWhileBooting) {
            this.set(part, { state: "failed", process: undefined });
            throw new Error(`${part.name} ended ${starts} times (${how}): ${this.lastLines(part)}`);
          }
          this.set(part, { state: "restarting", process: undefined, restarts: starts });
          // A part that ran for long starts at once; one that dies over and over is given more and more time.
          pause = Date.now() - begun > 60_000 ? firstPause : Math.min(pause * 2, longestPause);
          await delay(pause);
        }
      };
      keepAlive().catch(reject);
    });
  }

  private spawn(part: Part): { exit: Promise<string> } {
    const log = fs.openSync(this.logFile(part), "a");
    const argv =
      part.network === "lab"
        ? part.argv
        : ["nsenter", `--net=${namespacePath(network.outside.namespace)}`, "--", ...part.argv];
    const child = spawn(argv[0]!, argv.slice(1), {
      env: { ...process.env, ...part.env },
      stdio: ["ignore", log, log],
    });
    fs.closeSync(log);
    if (child.pid !== undefined) {
      this.set(part, { process: identify(child.pid) });
    }
    const exit = new Promise<string>((resolve) => {
      child.on("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`));
      child.on("error", (error) => resolve(error.message));
    });
    return { exit };
  }

  private logFile(part: Part): string {
    return path.join(this.plan.logs, `${part.name}.log`);
  }

  private lastLines(part: Part): string {
    return fs.readFileSync(this.logFile(part), "utf8").trimEnd().split("\n").slice(-3).join(" | ").slice(-600);
  }

  private elapsed(): number {
    return (Date.now() - this.begun) / 1000;
  }

  private set(part: Part, change: Partial<PartStatus>): void {
    Object.assign(this.status.parts[part.name]!, change);
    this.write();
  }

  private write(): void {
    writeStatusFile(this.plan.statusFile, this.status);
  }
}
