// Does not prove that the server serves: the outside's addresses are on no device here, so it gets as far as the first of them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { loadOrCreateAuthority } from "../../../../lab/certificates";
import { repositoryFolder } from "../../../../lab/paths";

describe("lab/outside/main", function () {
  this.timeout(120_000);
  let folder: string;

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "outside-"));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  function run(...options: string[]): { status: number | null; stderr: string } {
    const main = path.join(repositoryFolder, "lab", "outside", "main.ts");
    const argv = ["--require", "ts-node/register", main, ...options];
    const { status, stderr } = spawnSync(process.execPath, argv, { cwd: repositoryFolder, encoding: "utf8" });
    return { status, stderr };
  }

  it("tells its usage when it is called wrongly", () => {
    const { status, stderr } = run();
    assert.equal(status, 2);
    assert.match(stderr, /^--ca FOLDER is missing\.\n\n.*\n\nUsage: /);
  });

  it("needs an authority that is there", () => {
    assert.deepEqual(run("--ca", folder), {
      status: 1,
      stderr: `There is no authority in ${folder}: it needs ca.crt and ca.key.\n`,
    });
  });

  it("needs the outside's addresses, and is not ready without them", async () => {
    await loadOrCreateAuthority(folder, "Test world");
    const ready = path.join(folder, "ready");
    fs.writeFileSync(ready, "left by an earlier run");
    const { status, stderr } = run("--ca", folder, "--ready-file", ready);
    assert.equal(status, 1);
    assert.match(stderr, /^The outside cannot listen on 203\.0\.113\.10:80: .*\.\n$/);
    assert.equal(fs.existsSync(ready), false);
  });
});
