import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { LabError } from "../../errors";
import { UnreachableError } from "../../kubernetes/client";
import { minified } from "../../kubernetes/kubeconfig";
import { Cluster } from "../cluster";
import { CancelledError } from "../resource";

/** A failure of Helm's, in Helm's words. */
export class HelmError extends LabError {}

const killAfter = 10_000;

/**
 * Runs Helm against the cluster and gives what it writes to its standard output.
 * @param seconds after which it is ended
 * @throws HelmError, UnreachableError, CancelledError
 */
export async function helm(cluster: Cluster, args: string[], seconds: number): Promise<string> {
  const program = helmProgram();
  return withScratchFolder(async (folder) => {
    const kubeconfig = writePrivately(
      path.join(folder, "kubeconfig"),
      JSON.stringify(minified(cluster.client.connection)),
    );
    return run(cluster, program, [...args, "--kubeconfig", kubeconfig], seconds);
  });
}

/** Path of the `helm` that $ISTIO_EGRESS_HELM names, or of the first on the PATH. */
export function helmProgram(): string {
  const named = process.env.ISTIO_EGRESS_HELM;
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const found = (named ? [named] : folders.map((folder) => path.join(folder, "helm"))).find(isExecutable);
  if (found === undefined) {
    const where = named ? `$ISTIO_EGRESS_HELM names ${named}, which is no program` : "it is not on the PATH";
    throw new LabError(
      `Helm is needed for releases and was not found: ${where}. Install helm 3, or name it by $ISTIO_EGRESS_HELM.`,
    );
  }
  return found;
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Asked to stop, Helm marks the release as failed before it ends; it is killed only when it does not. */
function run({ signal, client }: Cluster, program: string, args: string[], seconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let ended = "";
    let killing: NodeJS.Timeout | undefined;
    const end = (why: string): void => {
      ended ||= why;
      child.kill("SIGINT");
      killing = setTimeout(() => child.kill("SIGKILL"), killAfter);
    };
    const cancel = (): void => end("cancelled");
    const bound = setTimeout(() => end(`no end after ${seconds} s`), seconds * 1000);
    signal.addEventListener("abort", cancel);
    if (signal.aborted) {
      cancel();
    }
    const output = collected(child.stdout);
    const errors = collected(child.stderr);
    child.on("error", (error) => reject(new LabError(`${program} cannot be run: ${error.message}`)));
    child.on("close", (code, killer) => {
      clearTimeout(bound);
      clearTimeout(killing);
      signal.removeEventListener("abort", cancel);
      if (ended === "cancelled") {
        reject(new CancelledError());
      } else if (code === 0) {
        resolve(output.join(""));
      } else {
        reject(failure(ended || errors.join("") || `helm was ended by ${killer}`, client.connection.server));
      }
    });
  });
}

function collected(stream: NodeJS.ReadableStream): string[] {
  const parts: string[] = [];
  stream.setEncoding("utf8").on("data", (part: string) => parts.push(part));
  return parts;
}

function failure(written: string, server: string): LabError {
  const message = helmMessage(written);
  const unreachable = /(?:cluster unreachable|connection refused|no such host|i\/o timeout)/.test(message);
  return unreachable
    ? new UnreachableError(`Helm cannot reach the Kubernetes API server at ${server}: ${message}`)
    : new HelmError(message);
}

/** The error in what Helm writes, without its warnings and prefixes. */
export function helmMessage(written: string): string {
  const lines = written.split("\n").map((line) => line.trim());
  const start = lines.findIndex((line) => line.startsWith("Error: "));
  const told = start < 0 ? lines : lines.slice(start);
  return told
    .join(" ")
    .replace(/^Error: /, "")
    .replace(/^(?:UPGRADE|INSTALLATION) FAILED: /, "")
    .trim();
}

const folders = new Set<string>();

process.on("exit", () => folders.forEach(discard));

/** Runs an action with a folder that only this user can read, and removes the folder whatever happens. */
export async function withScratchFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-kubernetes-"));
  folders.add(folder);
  try {
    return await action(folder);
  } finally {
    discard(folder);
  }
}

/** Writes a file that only this user can read. */
export function writePrivately(file: string, contents: string): string {
  fs.writeFileSync(file, contents, { mode: 0o600 });
  return file;
}

function discard(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
