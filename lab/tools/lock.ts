import { spawn } from "node:child_process";
import { once } from "node:events";
import { LabError } from "../errors";

/**
 * Runs `work` while no other process on this machine runs anything under the same lock. The kernel holds the lock for
 * a small child (util-linux's flock) that ends when its standard input does, so it is free again however this process
 * ends. The file itself stays, empty.
 *
 * @param file the lock, in a folder that exists
 * @param onWait called once when another process holds the lock, which is then waited for
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
  const release = (await hold(file, ["--nonblock"])) ?? (await waitFor(file, onWait));
  try {
    return await work();
  } finally {
    await release();
  }
}

type Release = () => Promise<void>;

async function waitFor(file: string, onWait: () => void): Promise<Release> {
  onWait();
  const release = await hold(file, []);
  if (release === undefined) {
    throw new LabError(`The lock ${file} cannot be taken: flock ended without it`);
  }
  return release;
}

/** @returns undefined when flock ends without the lock */
async function hold(file: string, options: string[]): Promise<Release | undefined> {
  const holder = spawn("flock", [...options, file, "sh", "-c", "echo held; exec cat > /dev/null"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const closed = once(holder, "close");
  const held = await Promise.race([once(holder.stdout, "data").then(() => true), closed.then(() => false)]).catch(
    (error: Error) => {
      throw new LabError(`The lock ${file} cannot be taken: flock (Debian package util-linux) says ${error.message}`);
    },
  );
  if (!held) {
    return undefined;
  }
  return async () => {
    holder.stdin.end();
    await closed;
  };
}
