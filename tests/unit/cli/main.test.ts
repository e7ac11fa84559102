// The program that `egress` is: its version, and what it says of what the system refuses.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const root = path.join(__dirname, "../../..");

/** A run of the program. @param stdout where its output goes @default to the test */
function run(args: string[], stdout: "pipe" | number = "pipe") {
  return spawnSync(process.execPath, [path.join(root, "cli/egress.js"), ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", stdout, "pipe"],
    timeout: 60_000,
  });
}

describe("egress", () => {
  it("says the package's version", () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
    const { status, stdout, stderr } = run(["--version"]);
    assert.deepEqual([status, stdout, stderr], [0, `${version}\n`, ""]);
  });

  it("says in one line what the system refuses, as a full disk, and ends with 1", () => {
    const full = fs.openSync("/dev/full", "w");
    try {
      const { status, stderr } = run(["check", "lab"], full);
      assert.match(stderr, /^Standard output cannot be written: ENOSPC: [^\n]*\n$/);
      assert.equal(status, 1);
    } finally {
      fs.closeSync(full);
    }
  });

  it("ends with 2 for what there is not, on standard error", () => {
    for (const args of [["nosuch"], ["check"], ["check", "nosuch"], ["check", "lab", "--nosuch"]]) {
      const { status, stdout, stderr } = run(args);
      assert.deepEqual([status, stdout], [2, ""], args.join(" "));
      assert.match(stderr, /^[^\n]+\n$/);
    }
  });
});
