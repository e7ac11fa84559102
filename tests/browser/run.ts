import { spawnSync } from "node:child_process";
import { LabError } from "../../lab/errors";
import { repositoryFolder } from "../../lab/paths";
import { Progress } from "../../lab/progress";
import { ensureDebianPackages } from "../../lab/tools/debian";

/**
 * Opens pages in Debian's Chromium, which is installed first where it is missing. In CI a machine that cannot have it
 * is a failure; elsewhere it is told why the tests did not run.
 */
async function main(): Promise<void> {
  try {
    await ensureDebianPackages(new Progress(), ["chromium"]);
  } catch (error) {
    if (!(error instanceof LabError)) {
      throw error;
    }
    process.stdout.write(`The tests in a browser did not run: ${error.message}.\n`);
    process.exitCode = process.env.CI === undefined ? 0 : 1;
    return;
  }
  const { status } = spawnSync("npx", ["mocha", "--config", "tests/browser/mocharc.json", "tests/browser/*.test.ts"], {
    cwd: repositoryFolder,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
