// Does not prove that a command's own children end with it: only the command itself is signalled.
import assert from "node:assert/strict";
import { CommandError, lastLines, run } from "../../../../lab/tools/command";

describe("command", () => {
  it("returns both outputs, and each line of standard error as it comes", async () => {
    const seen: string[] = [];
    const result = await run("sh", ["-c", "echo out; echo one >&2; echo two >&2"], {
      onErrorLine: (line) => seen.push(line),
    });
    assert.deepEqual(result, { stdout: "out\n", stderr: "one\ntwo" });
    assert.deepEqual(seen, ["one", "two"]);
  });

  it("fails with the command, its status and its last words", async () => {
    await assert.rejects(run("sh", ["-c", "echo why >&2; exit 3"]), (error: CommandError) => {
      assert.match(error.message, /sh -c .* failed with status 3: why/);
      assert.equal(error.stderr, "why");
      return true;
    });
  });

  it("says when a program is not there", async () => {
    await assert.rejects(run("no-such-program", []), (error: CommandError) => error.code === "ENOENT");
  });

  it("ends what takes too long", async () => {
    const before = Date.now();
    await assert.rejects(run("sleep", ["10"], { timeoutSeconds: 0.1 }), /ended by SIGKILL/);
    assert.ok(Date.now() - before < 5000);
  });

  it("runs a command that is to end with this process like any other", async () => {
    assert.equal((await run("sh", ["-c", "echo out"], { endsWithUs: true })).stdout, "out\n");
  });

  it("takes the last lines that say something", () => {
    assert.equal(lastLines("a\n\nb\nc\n\n", 2), "b | c");
    assert.equal(lastLines("\n", 2), "it said nothing");
  });
});
