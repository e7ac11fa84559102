import { spawnSync } from "node:child_process";
import { LabError } from "../../lab/errors";
import { repositoryFolder } from "../../lab/paths";
import { Progress } from "../../lab/progress";
import { resolveSome } from "../../lab/tools/resolve";

/** Previews stacks through Pulumi's own engine, which is found or built first; nothing of it asks a cloud. */
async function main(): Promise<void> {
  const started = performance.now();
  await resolveSome(["pulumi", "pulumi-language-nodejs"], new Progress());
  const { status } = spawnSync("npx", ["mocha", "--config", "tests/preview/mocharc.json", "tests/preview/*.test.ts"], {
    cwd: repositoryFolder,
    stdio: "inherit",
  });
  process.stdout.write(`Previews: ${((performance.now() - started) / 1000).toFixed(1)} s.\n`);
  process.exitCode = status ?? 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof LabError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
