// Does not prove that mmdebstrap makes a root filesystem: the lab's images are made from one.
import assert from "node:assert/strict";
import { explainRootfsFailure } from "../../../../lab/images/rootfs";
import { CommandError } from "../../../../lab/tools/command";

describe("root filesystem", () => {
  const rows: [words: string, sentence: RegExp][] = [
    ["E: Failed to fetch http://a/InRelease  Temporary failure resolving 'a'", /package archive cannot be reached/],
    ["W: creating tarball failed: E: cannot copy to /a: No space left on device", /disk became full/],
    [
      "I: running\nE: Unable to locate package a\nI: removing tempdir\nE: mmdebstrap failed to run",
      /: E: Unable to locate package a$/,
    ],
    ["killed", /: killed$/],
  ];
  for (const [words, sentence] of rows) {
    it(`explains "${words.split("\n").at(-1)}"`, () => {
      assert.match(explainRootfsFailure(new CommandError("mmdebstrap failed", words)).message, sentence);
    });
  }
});
