import { spawn } from "node:child_process";
import * as readline from "node:readline";
import type { Readable } from "node:stream";
import { LabError } from "../errors";

export interface CommandOptions {
  /** @default the current folder */
  cwd?: string;
  /** Variables over those of this process. @default {} */
  env?: Record<string, string>;
  /** What the command reads on its standard input. @default nothing */
  input?: string;
  /** Ends the command, as a failure, after so many seconds. @default never */
  timeoutSeconds?: number;
  /** Interrupts the command when this process ends before it, however that comes about. @default false */
  endsWithUs?: boolean;
  /** Given each line of standard error as it comes. */
  onErrorLine?: (line: string) => void;
}

export interface CommandResult {
  stdout: string;
  stderr: string;
}

/** A command that could not be started, ended with another status than 0, or took too long. */
export class CommandError extends LabError {
  constructor(
    message: string,
    /** What the command wrote on standard error. */
    readonly stderr: string,
    /** The system's word for why the command could not be started: ENOENT when there is no such program. */
    readonly code?: string,
  ) {
    super(message);
  }
}

/** The kernel sends the signal; util-linux's setpriv asks it to. */
const interruptedWithParent = ["setpriv", "--pdeathsig", "INT"];

/** Runs a program to its end and returns what it wrote. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [file, ...argv] = options.endsWithUs ? [...interruptedWithParent, program, ...args] : [program, ...args];
  const child = spawn(file!, argv, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: options.timeoutSeconds === undefined ? undefined : options.timeoutSeconds * 1000,
    killSignal: "SIGKILL",
  });
  // A program that ends before it has read everything says why by its status.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const [stdout, stderr, end] = await Promise.all([
    text(child.stdout),
    lines(child.stderr, options.onErrorLine),
    ended.catch((error: NodeJS.ErrnoException) => error),
  ]);
  if (end instanceof Error) {
    throw new CommandError(`${program} cannot be started: ${end.message}`, stderr, end.code);
  }
  if (end.code !== 0) {
    const how = end.code === null ? `was ended by ${end.signal}` : `failed with status ${end.code}`;
    throw new CommandError(`\`${[program, ...args].join(" ")}\` ${how}: ${lastLines(stderr, 3)}`, stderr);
  }
  return { stdout, stderr };
}

/** The last lines of a command's output that say something, as one line. */
export function lastLines(output: string, count: number): string {
  const said = output.split("\n").filter((line) => line.trim() !== "");
  return said.length === 0 ? "it said nothing" : said.slice(-count).join(" | ");
}

async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function lines(stream: Readable, onLine?: (line: string) => void): Promise<string> {
  const all: string[] = [];
  for await (const line of readline.createInterface({ input: stream })) {
    all.push(line);
    onLine?.(line);
  }
  return all.join("\n");
}
