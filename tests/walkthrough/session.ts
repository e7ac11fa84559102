import { ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

/** A shell that has none of its user's habits. */
export const plainShell = ["bash", "--noprofile", "--norc"];

export interface SessionOptions {
  /** The folder that the shell begins in. */
  cwd: string;
  /** The shell's environment. */
  env: NodeJS.ProcessEnv;
  /** The command that starts a bash which reads commands from its standard input. @default `plainShell` */
  shell?: string[];
}

export interface Outcome {
  /** What a terminal would show, line by line. */
  output: string[];
  /** @default the command did not end by itself, or ended the shell */
  exitCode?: number;
  /** Why there is no exit code, in a sentence. */
  trouble?: string;
}

/** Milliseconds for the processes of a session to end in after a signal. */
const grace = 5000;

/**
 * One bash, in which commands run one after the other as in a terminal: variables and the folder carry over. All of
 * its processes are in a session of the system's own, and `end` leaves none of them.
 */
export class Session {
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "walkthrough-"));
  private readonly shell: ChildProcess;
  private readonly token = randomUUID();
  /** A file of what the shell itself says, which is nothing unless it cannot start. */
  private readonly ownWords = path.join(this.folder, "shell");
  private reports = "";
  private ended: string | undefined;
  private wake: () => void = () => undefined;
  private commands = 0;
  private lastExitCode = 0;
  private readonly atExit = (): void => {
    this.signal("SIGKILL");
    this.removeFiles();
  };

  constructor({ cwd, env, shell = plainShell }: SessionOptions) {
    // A file, as for the commands' output: it is whole when the shell has ended, and a pipe may not be read yet.
    const ownWords = fs.openSync(this.ownWords, "a");
    this.shell = spawn(shell[0]!, shell.slice(1), {
      cwd,
      env,
      detached: true,
      stdio: ["pipe", "ignore", ownWords, "pipe"],
    });
    fs.closeSync(ownWords);
    const stopped = (why: string): void => {
      this.ended ??= why;
      this.wake();
    };
    this.shell.once("error", (error) => stopped(`The shell did not start: ${error.message}.`));
    this.shell.once("exit", (code, signal) => stopped(`The shell ended (${signal ?? `exit ${code}`}).`));
    this.input.on("error", () => undefined);
    (this.shell.stdio[3] as Readable).on("data", (data) => {
      this.reports += String(data);
      this.wake();
    });
    process.once("exit", this.atExit);
  }

  /** Runs a command to its end. After an outcome without an exit code no other command can be run. */
  async run(command: string, seconds: number): Promise<Outcome> {
    const file = path.join(this.folder, `output-${++this.commands}`);
    // The output goes to a file: it is whole when the shell reports the end, whatever runs on in the background.
    fs.writeFileSync(file, "");
    const report = `${this.token} ${this.commands}`;
    this.input.write(
      [
        `(exit ${this.lastExitCode})`,
        `eval ${quoted(`${command}\n`)} </dev/null >>${quoted(file)} 2>&1 3>&-`,
        `printf '${report} %s\\n' "$?" >&3`,
        "",
      ].join("\n"),
    );
    const exitCode = await this.reported(new RegExp(`^${report} (\\d+)\\n`, "m"), seconds * 1000);
    const output = asShown(fs.readFileSync(file, "utf8"));
    if (exitCode !== undefined) {
      this.lastExitCode = exitCode;
      return { output, exitCode };
    }
    const trouble =
      this.ended === undefined
        ? `It did not end within ${seconds} s.`
        : `${this.ended} ${fs.readFileSync(this.ownWords, "utf8")}`;
    return { output, trouble: trouble.trim() };
  }

  /** Ends every process of the session, politely at first, and takes its files away. */
  async end(): Promise<void> {
    this.input.end();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      this.signal(signal);
      const deadline = Date.now() + grace;
      while (processesOf(this.shell.pid).length > 0 && Date.now() < deadline) await delay(20);
    }
    process.removeListener("exit", this.atExit);
    this.removeFiles();
  }

  private removeFiles(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private get input(): Writable {
    return this.shell.stdin!;
  }

  /** The number in a report, or undefined when the shell ends or the time is over before it comes. */
  private async reported(pattern: RegExp, milliseconds: number): Promise<number | undefined> {
    const deadline = Date.now() + milliseconds;
    while (true) {
      const found = pattern.exec(this.reports)?.[1];
      if (found !== undefined) return Number(found);
      const left = deadline - Date.now();
      if (this.ended !== undefined || left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  private signal(signal: NodeJS.Signals): void {
    for (const pid of processesOf(this.shell.pid)) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended since.
      }
    }
  }
}

/** The living processes of a session, among them those that made a process group of their own, as Pulumi's plugins do. */
export function processesOf(session: number | undefined): number[] {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
        // What follows the command's name, in parentheses, is regular: state, parent, group, session.
        const [state, , , ofSession] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return state !== "Z" && Number(ofSession) === session;
      } catch {
        return false;
      }
    });
}

/** What a terminal makes of an output: no colours, and none of the line numbers that only a script's shell counts. */
function asShown(output: string): string[] {
  const lines = output
    .replace(/\x1b\[[\d;]*[A-Za-z]/g, "")
    .split("\n")
    .map((line) => line.trimEnd().replace(/^bash: (?:eval: )?line \d+: /, "bash: "));
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
