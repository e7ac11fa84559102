import { spawn } from "node:child_process";
import * as path from "node:path";
import { state } from "../lab/paths";
import { labCommand } from "../lab/shell";
import { ClusterConfig, gcloudContext } from "../model";

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
}

/** How long the API server may take to answer. Seconds. */
export const apiTimeout = 30;

/**
 * What a kubectl command that has to succeed prints.
 *
 * @param what what it is for, as "list the pods of test-app/app-a"
 * @throws ClusterError when it fails, with the last line of what kubectl says
 */
export async function kubectlOutput(cluster: ClusterConfig, what: string, args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await kubectl(cluster, args, { timeout: apiTimeout });
  if (exitCode !== 0) {
    throw new ClusterError(`kubectl cannot ${what}: ${lastLine(stderr)}`);
  }
  return stdout;
}

export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Runs `kubectl` against the stack's cluster: inside the lab's network when that is the lab. */
export async function kubectl(cluster: ClusterConfig, args: string[], options: KubectlOptions): Promise<KubectlResult> {
  const command = kubectlCommand(cluster, args);
  const child = spawn(command.argv[0]!, command.argv.slice(1), { env: command.env, timeout: options.timeout * 1000 });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  // A command that ends before it has read its input says so by its exit code.
  child.stdin.on("error", () => undefined).end(options.input ?? "");

  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new ClusterError(`${command.argv[0]} is not on PATH.`) : error),
    );
    child.on("close", (code) => {
      if (code === null) {
        reject(new ClusterError(`kubectl gave no answer within ${options.timeout} s.`));
      } else {
        resolve(code);
      }
    });
  });
  return { exitCode, ...output };
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
  const isLab = kubeconfig !== undefined && path.resolve(kubeconfig) === state.kubeconfig;
  return isLab ? labCommand(argv) : { argv, env: process.env };
}
