// Does not prove that a lock holds on network file systems, where the kernel may see one machine only.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { withLock } from "../../../../lab/tools/lock";
import { temporaryFolder } from "./temporary";

const lockModule = path.resolve(__dirname, "../../../../lab/tools/lock");

describe("lock", () => {
  const folder = temporaryFolder();
  const file = () => path.join(folder(), "lock");

  it("lets one at a time work, and frees itself when the work fails", async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(`${name} out`);
      throw new Error(name);
    };
    const results = await Promise.allSettled([withLock(file(), work("a")), withLock(file(), work("b"))]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal(order.length, 4);
    assert.equal(order[0]!.slice(0, 1), order[1]!.slice(0, 1));
    assert.equal(order[2]!.slice(0, 1), order[3]!.slice(0, 1));
  });

  it("is free again when the process that holds it is killed", async () => {
    const program = `require(${JSON.stringify(lockModule)}).withLock(${JSON.stringify(file())}, () => {
      process.stdout.write("held");
      return new Promise((resolve) => setTimeout(resolve, 60000));
    });`;
    const argv = ["--require", "ts-node/register", "--eval", program];
    const holder = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    await once(holder.stdout, "data");
    let waited = false;
    const got = withLock(
      file(),
      async () => "got",
      () => (waited = true),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(waited, "the lock was held");
    holder.kill("SIGKILL");
    assert.equal(await got, "got");
  });
});
