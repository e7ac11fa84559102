// Does not prove that the packages install, nor that no service starts: that takes root and a fresh machine.
import assert from "node:assert/strict";
import { CommandError } from "../../../../lab/tools/command";
import { explainAptFailure, parseMadison } from "../../../../lab/tools/debian";

describe("Debian packages", () => {
  it("reads what the package sources offer", () => {
    const table = [
      "      runc | 1.1.5+ds1-1+deb12u1 | http://mirror.example/debian bookworm/main amd64 Packages",
      " conntrack | 1:1.4.7-1+b2 | http://mirror.example/debian bookworm/main amd64 Packages",
      "      runc | 1.1.5+ds1-1 | http://mirror.example/debian-security bookworm-security/main amd64 Packages",
      "",
    ].join("\n");
    assert.deepEqual(
      parseMadison(table),
      new Map([
        ["runc", ["1.1.5+ds1-1+deb12u1", "1.1.5+ds1-1"]],
        ["conntrack", ["1:1.4.7-1+b2"]],
      ]),
    );
    assert.deepEqual(parseMadison(""), new Map());
  });

  const rows: [words: string, sentence: RegExp][] = [
    ["E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 12 (apt-get)", /^Another process/],
    ["E: Failed to fetch http://a/b  Temporary failure resolving 'a'", /archive cannot be reached/],
    ["E: Unable to locate package runc", /package sources lack .*Unable to locate package runc/],
    ["E: Packages need to be removed but remove is disabled.", /would remove packages/],
    ["E: You don't have enough free space in /var/cache/apt/archives/.", /disk is too full/],
    ["E: Sub-process /usr/bin/dpkg returned an error code (1)", /could not be installed: .*error code \(1\)$/],
  ];
  for (const [words, sentence] of rows) {
    it(`explains "${words}"`, () => {
      assert.match(explainAptFailure(new CommandError("apt-get failed", words)).message, sentence);
    });
  }
});
