import { execFile, spawnSync } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";
import { labCommand } from "../../../lab/shell";

export const repository = path.resolve(__dirname, "../../..");

export interface Result {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end, in any outcome. */
export function run(
  argv: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; seconds?: number; input?: string } = {},
): Result {
  const { status, signal, stdout, stderr, error } = spawnSync(argv[0]!, argv.slice(1), {
    cwd: options.cwd ?? repository,
    env: options.env ?? process.env,
    encoding: "utf8",
    input: options.input,
    timeout: (options.seconds ?? 300) * 1000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined || status === null) {
    throw new Error(`\`${argv.join(" ")}\` did not end by itself (${error?.message ?? signal}): ${stdout}${stderr}`);
  }
  return { exitCode: status, stdout, stderr };
}

/** Runs a command that has to succeed and gives its output. */
export function ok(argv: string[], options: Parameters<typeof run>[1] = {}): string {
  const result = run(argv, options);
  if (result.exitCode !== 0) {
    throw new Error(`\`${argv.join(" ")}\` failed (exit ${result.exitCode}): ${result.stdout}${result.stderr}`);
  }
  return result.stdout;
}

/** `egress …` of a checkout, as a user calls it. */
export function egress(args: string[], options: Parameters<typeof run>[1] = {}): Result {
  return run(["node", path.join(options.cwd ?? repository, "cli", "egress.js"), ...args], options);
}

/** A command inside the lab's network, with the lab's KUBECONFIG, PATH and Pulumi backend. */
export function inLab(argv: string[], options: Parameters<typeof run>[1] = {}): Result {
  const command = labCommand(argv);
  return run(command.argv, { ...options, env: { ...command.env, ...options.env } });
}

export function kubectl(...args: string[]): string {
  const command = labCommand(["kubectl", ...args]);
  return ok(command.argv, { env: command.env });
}

/** As `kubectl`, while the test goes on: for calls that have to be made at once. */
export async function kubectlAside(...args: string[]): Promise<string> {
  const { argv, env } = labCommand(["kubectl", ...args]);
  return (await promisify(execFile)(argv[0]!, argv.slice(1), { env, timeout: 900_000 })).stdout;
}

export function kubectlJson<T>(...args: string[]): T {
  return JSON.parse(kubectl(...args, "--output=json")) as T;
}

/** Puts an object on the cluster, or changes it. */
export function apply(object: Record<string, unknown>): void {
  const command = labCommand(["kubectl", "apply", "--filename=-"]);
  ok(command.argv, { env: command.env, input: JSON.stringify(object) });
}
