import { ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ClusterConfig, gcloudContext } from "../model";
import { labRoom } from "./lab-room";

/** A cluster that cannot be asked; the message says why, in one sentence. */
export class ClusterError extends Error {}

export interface KubectlResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface KubectlOptions {
  /** Text for the command's standard input. @default none */
  input?: string;
  /** How long the command may take. Seconds. */
  timeout: number;
  /** Ends the command; the call then fails with an AbortError. @default nothing does */
  signal?: AbortSignal;
}

/** How long the API server may take to answer. Seconds. */
export const apiTimeout = 30;

/**
 * What a kubectl command that has to succeed prints.
 *
 * @param what what it is for, as "list the pods of test-app/app-a"
 * @throws ClusterError when it fails, with the last line of what kubectl says
 */
export async function kubectlOutput(
  cluster: ClusterConfig,
  what: string,
  args: string[],
  signal?: AbortSignal,
): Promise<string> {
  const { exitCode, stdout, stderr } = await kubectl(cluster, args, { timeout: apiTimeout, signal });
  if (exitCode !== 0) {
    throw new ClusterError(`kubectl cannot ${what}: ${lastLine(stderr)}`);
  }
  return stdout;
}

export interface KubectlStream {
  /** Called with each line of the command's standard output, without its end. */
  onLine: (line: string) => void;
  /** Ends the command. */
  signal: AbortSignal;
}

/** How long a command that is told to end may take until it is killed. Seconds. */
const endPatience = 3;

/** Runs `kubectl` against the stack's cluster: inside the lab's network when that is the lab. */
export async function kubectl(cluster: ClusterConfig, args: string[], options: KubectlOptions): Promise<KubectlResult> {
  const command = kubectlCommand(cluster, args);
  const { timeout, signal } = options;
  const child = spawn(command.argv[0]!, command.argv.slice(1), { env: command.env, timeout: timeout * 1000, signal });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  // A command that ends before it has read its input says so by its exit code.
  child.stdin.on("error", () => undefined).end(options.input ?? "");

  const exitCode = await exitCodeOf(child);
  if (exitCode === null) {
    throw new ClusterError(`kubectl gave no answer within ${timeout} s.`);
  }
  return { exitCode, ...output };
}

/**
 * Runs a `kubectl` command that goes on, such as `logs --follow`, until it ends or is told to.
 *
 * @returns its exit code, null where a signal ended it, and what it wrote to its standard error
 */
export async function kubectlLines(
  cluster: ClusterConfig,
  args: string[],
  { onLine, signal }: KubectlStream,
): Promise<{ exitCode: number | null; stderr: string }> {
  const command = kubectlCommand(cluster, args);
  const child = spawn(command.argv[0]!, command.argv.slice(1), {
    env: command.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  createInterface({ input: child.stdout }).on("line", onLine);

  let killer: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill();
    killer = setTimeout(() => child.kill("SIGKILL"), endPatience * 1000);
    // What a process of its own may still hold open is not waited for.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) {
    end();
  }
  try {
    return { exitCode: await exitCodeOf(child), stderr };
  } finally {
    signal.removeEventListener("abort", end);
    clearTimeout(killer);
  }
}

/** The last line of what a command said of its failure. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Waits for a command's end; its exit code is null where a signal ended it. */
function exitCodeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new ClusterError(`${child.spawnfile} is not on PATH.`) : error),
    );
    child.on("close", resolve);
  });
}

function kubectlCommand(cluster: ClusterConfig, args: string[]): { argv: string[]; env: NodeJS.ProcessEnv } {
  // A cluster of the stack's own is in the ambient kubeconfig, where gcloud puts it.
  const { kubeconfig, context } =
    cluster.kind === "gke" ? { kubeconfig: undefined, context: gcloudContext(cluster) } : cluster;
  const argv = [
    "kubectl",
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === undefined ? [] : ["--context", context]),
    ...args,
  ];
  const lab = kubeconfig === undefined ? undefined : labRoom();
  return lab?.isLabKubeconfig(kubeconfig!) ? lab.labCommand(argv) : { argv, env: process.env };
}
