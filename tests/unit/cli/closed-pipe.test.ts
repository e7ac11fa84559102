// A command whose output nobody reads to its end, as before `head`.
// Does not prove: every command; they share one way of writing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";

const cli = path.join(__dirname, "../../../cli/egress.js");

describe("egress before a reader that has seen enough", () => {
  it("ends as it stands, without a word", () => {
    // More than a pipe holds, so that something is left to write when the reader has gone.
    const script = `set -o pipefail; node "${cli}" render prod --json | head -c 10`;
    const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    assert.deepEqual([status, stdout.length, stderr], [0, 10, ""]);
  });
});
