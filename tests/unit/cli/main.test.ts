// The program that `egress` is: its version, and what it says of what the system refuses.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const root = path.join(__dirname, "../../..");

/** A run of the program. @param stdout where its output goes @default to the test */
function run(args: string[], stdout: "pipe" | number = "pipe", cwd = root) {
  return spawnSync(process.execPath, [path.join(root, "cli/egress.js"), ...args], {
    cwd,
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

  it("prints its help beside a project's file that is wrong, and says what is wrong with it where it is read", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-project-"));
    try {
      fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: [\n");
      for (const args of [["--help"], ["check", "--help"], ["presets", "github"]]) {
        const { status, stderr } = run(args, "pipe", folder);
        assert.deepEqual([status, stderr], [0, ""], args.join(" "));
      }
      const { status, stderr } = run(["check", "dev"], "pipe", folder);
      assert.equal(status, 1);
      assert.match(stderr, /Pulumi\.yaml:2:1: not valid YAML/);
    } finally {
      fs.rmSync(folder, { recursive: true });
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
