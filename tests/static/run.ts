import { spawnSync } from "node:child_process";
import { LabError } from "../../lab/errors";
import { repositoryFolder } from "../../lab/paths";
import { Progress } from "../../lab/progress";
import { resolveSome } from "../../lab/tools/resolve";
import { prepareCheckov } from "./checkov/install";
import { prepareSchemas } from "./schemas/prepare";

/**
 * Looks at the manifests of all stacks without a cluster, and at the workflows without GitHub. What it needs is made or installed first, so that a machine
 * which cannot have it is told so in a sentence; nothing is left out.
 */
async function main(): Promise<void> {
  const started = performance.now();
  const progress = new Progress();
  await resolveSome(["istioctl", "kubeconform", "actionlint", "promtool"], progress);
  await prepareSchemas(progress);
  await prepareCheckov(progress);
  const prepared = performance.now();
  const { status } = spawnSync("npx", ["mocha", "--config", "tests/static/mocharc.json", "tests/static/*.test.ts"], {
    cwd: repositoryFolder,
    stdio: "inherit",
  });
  const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;
  process.stdout.write(
    `Static checks: ${seconds(prepared, performance.now())}, after ${seconds(started, prepared)} to have their tools.\n`,
  );
  process.exitCode = status ?? 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof LabError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
