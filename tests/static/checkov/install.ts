import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../../../lab/errors";
import { cacheFolder } from "../../../lab/paths";
import { Progress } from "../../../lab/progress";
import { cached, cacheKey } from "../../../lab/tools/cache";
import { CommandError, lastLines, run } from "../../../lab/tools/command";
import { pythonWithPip } from "../../../lab/tools/envoy";

const requirements = path.join(__dirname, "requirements.txt");

/** How checkov is called: this program with these arguments before its own. */
export interface Checkov {
  program: string;
  args: string[];
  env: Record<string, string>;
}

/**
 * checkov out of its pinned wheels, in a folder of the cache that nothing else on the machine sees.
 *
 * @throws LabError when it is not there and cannot be downloaded
 */
export async function prepareCheckov(progress: Progress): Promise<Checkov> {
  const program = await pythonWithPip(progress);
  const { stdout: version } = await run(program, ["-c", "import sys; print(sys.implementation.cache_tag)"]);
  const key = cacheKey([await fs.readFile(requirements), version, process.arch]);
  const entry = { folder: path.join(cacheFolder, "checkov"), kind: "checkov", key };
  const folder = await cached(
    entry,
    (partial) =>
      progress.step("installing checkov from its pinned wheels", () => install(program, partial), {
        typicalSeconds: 45,
      }),
    { onlyOne: true },
  );
  const env = {
    PYTHONPATH: folder,
    PYTHONDONTWRITEBYTECODE: "1",
    // Once an hour it would ask the registry for a newer version of itself.
    CKV_SKIP_PACKAGE_UPDATE_CHECK: "true",
  };
  return { program, args: ["-m", "checkov.main"], env };
}

async function install(python: string, folder: string): Promise<void> {
  const options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"];
  const where = ["--target", folder, "--requirement", requirements];
  await run(python, ["-m", "pip", "install", ...options, ...where]).catch((error: unknown) => {
    throw error instanceof CommandError ? explainInstallFailure(error) : error;
  });
}

/** What a failed installation means for whoever runs the checks; they cannot be left out. */
export function explainInstallFailure({ stderr }: CommandError): LabError {
  if (
    /NewConnectionError|Temporary failure in name resolution|timed out|Network is unreachable|ProxyError/.test(stderr)
  ) {
    return new LabError(
      "checkov is not in the cache and the Python package index cannot be reached to install it: connect this machine " +
        "to a network once. The static checks are not whole without it.",
    );
  }
  if (/DO NOT MATCH THE HASHES/.test(stderr)) {
    return new LabError(`The package index gave other files than ${requirements} pins; do not use them`);
  }
  return new LabError(`checkov could not be installed: ${lastLines(stderr, 3)}`);
}
