import { ChildProcess, spawn, spawnSync, StdioOptions } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { buildSync } from "esbuild";
import type { Methods } from "./agent";

/** Runs a command to its end and gives what it printed; throws what it complained about. */
export function run(command: string, args: string[], input = ""): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Bundles, so that a process in a namespace starts without a compiler. */
export class Bundles {
  readonly folder = mkdtempSync(path.join(tmpdir(), "netpol-test-"));

  make(entry: string): string {
    const outfile = path.join(this.folder, `${path.basename(path.dirname(entry))}-${path.basename(entry, ".ts")}.js`);
    buildSync({ entryPoints: [entry], bundle: true, platform: "node", outfile, logLevel: "error" });
    return outfile;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** A network namespace with an agent inside. */
export class Namespace {
  readonly name: string;
  readonly file: string;
  private agent: ChildProcess | undefined;
  private asked = 0;
  private readonly waiting = new Map<number, (answer: { result?: unknown; error?: string }) => void>();

  constructor(name: string) {
    this.name = `netpol-${process.pid}-${name}`;
    this.file = `/run/netns/${this.name}`;
    run("ip", ["netns", "add", this.name]);
    this.ip("link set lo up");
  }

  /** One command of iproute2 a line. */
  ip(commands: string): void {
    run("ip", ["-netns", this.name, "-batch", "-"], commands);
  }

  /** Runs a command inside, as boot does. */
  run(command: string, args: string[], input?: string): string {
    return run("nsenter", [`--net=${this.file}`, "--", command, ...args], input);
  }

  /** Starts Node inside. */
  spawn(args: string[], stdio: StdioOptions): ChildProcess {
    return spawn("nsenter", [`--net=${this.file}`, "--", process.execPath, ...args], { stdio });
  }

  startAgent(bundle: string): void {
    this.agent = this.spawn([bundle], ["ignore", "inherit", "inherit", "ipc"]);
    this.agent.on("message", ({ id, ...answer }: { id: number }) => {
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    });
  }

  /** Has the agent do something. */
  ask<M extends keyof Methods>(method: M, ...args: Parameters<Methods[M]>): ReturnType<Methods[M]> {
    const id = ++this.asked;
    const answered = new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error))));
      this.agent?.send({ id, method, args });
    });
    return answered as ReturnType<Methods[M]>;
  }

  remove(): void {
    if (this.agent?.connected) this.agent.disconnect();
    run("ip", ["netns", "delete", this.name]);
  }
}
