import { ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as readline from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Namespace } from "./namespaces";

export interface LogLine {
  time: string;
  event: "start" | "sync" | "error" | "stop";
  [detail: string]: unknown;
}

/** The enforcer as boot starts it: a process inside the node's network namespace. */
export class EnforcerProcess {
  readonly log: LogLine[] = [];
  complaints = "";
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown[]>;

  constructor(node: Namespace, bundle: string, options: string[]) {
    this.child = node.spawn([bundle, ...options], ["ignore", "pipe", "pipe"]);
    this.exited = once(this.child, "close");
    this.child.stderr!.on("data", (chunk) => (this.complaints += chunk));
    readline
      .createInterface({ input: this.child.stdout! })
      .on("line", (line) => this.log.push(JSON.parse(line) as LogLine));
  }

  /** The first line of this event since the `from`th; fails after half a minute. */
  async logged(event: LogLine["event"], from = 0): Promise<LogLine> {
    for (let waited = 0; waited < 30_000; waited += 10) {
      const line = this.log.slice(from).find((each) => each.event === event);
      if (line !== undefined) return line;
      await sleep(10);
    }
    throw new Error(`no ${event} in ${JSON.stringify(this.log)} ${this.complaints}`);
  }

  /** Does something and waits for the update that it causes. */
  async synced(change: () => Promise<void>): Promise<LogLine> {
    const seen = this.log.length;
    await change();
    return this.logged("sync", seen);
  }

  /** Sends a signal, if one is given, and waits for the end. Gives the exit code, null when a signal ended it. */
  async end(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.child.kill(signal);
    return (await this.exited)[0] as number | null;
  }
}
