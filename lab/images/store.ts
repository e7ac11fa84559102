import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../errors";
import { cacheFolder } from "../paths";
import type { Progress } from "../progress";
import { cached, cacheKey } from "../tools/cache";
import { run } from "../tools/command";
import type { BuiltImage } from "./build";

const namespace = "k8s.io";
const answerSeconds = 20;

/** containerd's databases, which it writes in place; all other files of a store are written once and then only read. */
const databases = ["io.containerd.metadata.v1.bolt/meta.db", "io.containerd.snapshotter.v1.overlayfs/metadata.db"];

/**
 * A root folder of containerd in which the images are imported and unpacked already. An import takes six seconds of
 * two busy cores, at each boot; a store is made once, and `installImageStore` takes a tenth of a second.
 *
 * @returns the store's folder, in the cache beside the archive
 */
export async function resolveImageStore(images: readonly BuiltImage[], progress: Progress): Promise<string> {
  const archives = [...new Set(images.map(({ archive }) => archive))];
  const { stdout: version } = await run("containerd", ["--version"]);
  const key = cacheKey([version, ...archives.map((archive) => path.basename(archive))]);
  return cached(
    { folder: path.join(cacheFolder, "images"), kind: "store", key },
    (partial) => progress.step("unpacking the images", () => makeStore(archives, partial), { typicalSeconds: 7 }),
    { onlyOne: true },
  );
}

/**
 * Puts a store's images into the root folder of a containerd that does not run yet, as hard links where the two are on
 * one disk: snapshots that containers are made from are never written to.
 *
 * @param root containerd's `root`, which does not exist yet
 */
export async function installImageStore(store: string, root: string): Promise<void> {
  await fs.mkdir(path.dirname(root), { recursive: true });
  try {
    await run("cp", ["--archive", "--link", store, root]);
  } catch {
    await fs.rm(root, { recursive: true, force: true });
    await run("cp", ["--archive", store, root]);
    return;
  }
  for (const database of databases) {
    const own = path.join(root, database);
    await fs.rm(own);
    await fs.copyFile(path.join(store, database), own);
  }
}

async function makeStore(archives: readonly string[], folder: string): Promise<void> {
  const scratch = path.join(folder, ".run");
  await fs.mkdir(scratch, { recursive: true });
  const socket = path.join(scratch, "containerd.sock");
  const config = path.join(scratch, "config.toml");
  await fs.writeFile(config, configuration(folder, scratch, socket));
  const containerd = startContainerd(config);
  try {
    const ctr = ["--address", socket, "--namespace", namespace];
    await untilAnswering(ctr);
    for (const archive of archives) {
      await run("ctr", [...ctr, "images", "import", archive]);
    }
  } finally {
    await end(containerd);
  }
  await fs.rm(scratch, { recursive: true });
}

/** It ends with this process, however that ends, and its mounts with it. */
function startContainerd(config: string): ChildProcess {
  const argv = ["--pdeathsig", "KILL", "unshare", "--mount", "containerd", "--config", config, "--log-level", "error"];
  return spawn("setpriv", argv, { stdio: "ignore" });
}

async function untilAnswering(ctr: readonly string[]): Promise<void> {
  const giveUp = Date.now() + answerSeconds * 1000;
  for (;;) {
    const answered = await run("ctr", [...ctr, "version"]).then(
      () => true,
      () => false,
    );
    if (answered) {
      return;
    }
    if (Date.now() > giveUp) {
      throw new LabError(`containerd did not answer within ${answerSeconds} s, so the images could not be unpacked`);
    }
    await sleep(100);
  }
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) {
    process.kill("SIGTERM");
    await once(process, "close");
  }
}

function configuration(root: string, state: string, socket: string): string {
  return `version = 2
root = "${root}"
state = "${state}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]

[grpc]
address = "${socket}"
`;
}
