// Does not prove that every Go says it in these words: what is not known is passed on as it is.
import assert from "node:assert/strict";
import { CommandError } from "../../../../lab/tools/command";
import { explainGoFailure } from "../../../../lab/tools/golang";

describe("failures of Go", () => {
  const rows: [words: string, sentence: RegExp][] = [
    ["go: go.mod requires go >= 1.26.0 (running go 1.24.4; GOTOOLCHAIN=local)", /^Go is too old to build \/group/],
    [
      "go: errors parsing go.mod:\n/group/go.mod:3: invalid go version '1.26.0': must match format 1.23",
      /^Go is too old/,
    ],
    ["write /cache/b001/_pkg_.a: no space left on device", /^The disk became full while Go built \/group/],
    [
      "dial tcp: lookup proxy.example on 10.0.0.1:53: no such host",
      /module proxy cannot be reached .*\(no such host\)/,
    ],
    ["dial tcp 1.2.3.4:443: i/o timeout", /module proxy cannot be reached .*\(i\/o timeout\)/],
    ["module lookup disabled by GOPROXY=off", /module proxy cannot be reached/],
    ["verifying a@v1: checksum mismatch\n\tdownloaded: h1:x\n\tgo.sum: h1:y", /not the one that its go\.sum pins/],
    ["main.go:1: syntax error", /^Go could not build \/group: main\.go:1: syntax error$/],
  ];
  for (const [words, sentence] of rows) {
    it(`explains "${words.split("\n")[0]}"`, () => {
      const { message } = explainGoFailure(new CommandError("go failed", words), "1.26.0", "/group");
      assert.match(message, sentence);
      assert.ok(!message.includes("\n"));
    });
  }
});
