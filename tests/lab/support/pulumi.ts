import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { labCommand } from "../../../lab/shell";
import { inLab, Result } from "./commands";

/** Long enough for a whole mesh to come up, on a machine that is busy. */
const seconds = 600;

/** `pulumi …` on the stack `lab`, to its end in any outcome. @param cwd folder of the checkout @default this one */
export function tryPulumi(args: string[], cwd?: string): Result {
  return inLab(["pulumi", ...args, "--stack", "lab", "--non-interactive"], { ...(cwd && { cwd }), seconds });
}

/** `pulumi …` on the stack `lab`, which has to succeed; gives what it wrote. */
export function pulumi(args: string[], cwd?: string): string {
  const { exitCode, stdout, stderr } = tryPulumi(args, cwd);
  assert.equal(exitCode, 0, `pulumi ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** Changes the cluster without a question: what the stack says, or its end. */
export function apply(command: "up" | "destroy", cwd?: string): string {
  return pulumi([command, "--yes", "--skip-preview"], cwd);
}

/** `pulumi up` on the stack `lab`, while the test goes on. @param cwd folder of the checkout */
export async function upAside(cwd: string): Promise<void> {
  const { argv, env } = labCommand(["pulumi", "up", "--yes", "--skip-preview", "--stack", "lab", "--non-interactive"]);
  await promisify(execFile)(argv[0]!, argv.slice(1), { cwd, env, timeout: seconds * 1000 });
}

interface Removable {
  remove: () => void;
}

/**
 * Ends a test that has changed the stack: what it has started goes, the cluster is again as the stack's file says, and no
 * copy of the repository is left, whatever fails.
 */
export function putBack(
  { checkout, pristine }: Record<"checkout" | "pristine", Removable & { folder: string }>,
  started: readonly (Removable | undefined)[] = [],
): void {
  try {
    started.forEach((each) => each?.remove());
    apply("up", pristine.folder);
  } finally {
    checkout.remove();
    pristine.remove();
  }
}
