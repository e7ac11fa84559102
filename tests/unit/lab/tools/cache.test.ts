// Does not prove that a rename survives a loss of power, nor anything about two machines that share a cache.
import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import fc from "fast-check";
import { LabError } from "../../../../lab/errors";
import { cached, cacheKey, exists } from "../../../../lab/tools/cache";
import { CommandError } from "../../../../lab/tools/command";
import { explainWriteFailure } from "../../../../lab/tools/disk";
import { temporaryFolder } from "./temporary";

describe("cache", () => {
  const folder = temporaryFolder();
  const entry = (key = "a".repeat(16), kind = "thing") => ({ folder: path.join(folder(), "cache"), kind, key });
  const write = (content: string) => (file: string) => fs.writeFile(file, content);
  const visible = async () => (await fs.readdir(entry().folder)).filter((name) => !name.startsWith("."));

  it("makes an entry once and returns the same path after that", async () => {
    let made = 0;
    const make = async (file: string) => fs.writeFile(file, String((made += 1)));
    const first = await cached(entry(), make);
    const second = await cached(entry(), make);
    assert.equal(first, second);
    assert.equal(await fs.readFile(first, "utf8"), "1");
  });

  it("makes an entry once when several ask at the same time", async () => {
    let made = 0;
    const make = async (file: string) => {
      made += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
      await fs.writeFile(file, "whole");
    };
    let waited = 0;
    const onWait = () => (waited += 1);
    await Promise.all([1, 2, 3].map(() => cached(entry(), make, { onWait })));
    assert.equal(made, 1);
    assert.equal(waited, 2);
  });

  it("leaves nothing when making fails, and makes it the next time", async () => {
    const failure = new Error("no");
    await assert.rejects(
      cached(entry(), async (partial) => {
        await fs.mkdir(partial);
        await fs.writeFile(path.join(partial, "half"), "");
        throw failure;
      }),
      failure,
    );
    assert.deepEqual(await visible(), []);
    await cached(entry(), write("whole"));
    assert.deepEqual(await visible(), [`thing-${"a".repeat(16)}`]);
  });

  it("removes what a killed process left half made, of this kind and under any key, and nothing else", async () => {
    const names = [`thing-${"b".repeat(16)}.partial`, `thing-two-${"c".repeat(16)}.partial`, `thing-${"d".repeat(16)}`];
    for (const name of names) {
      await fs.mkdir(path.join(entry().folder, name), { recursive: true });
    }
    await cached(entry(), write(""));
    assert.deepEqual((await visible()).sort(), [`thing-${"a".repeat(16)}`, names[2], names[1]].sort());
  });

  it("keeps one entry of a kind when told to", async () => {
    await cached(entry("1".repeat(16)), write("old"));
    await cached(entry("2".repeat(16), "other"), write("other"));
    const target = await cached(entry("3".repeat(16)), write("new"), { onlyOne: true });
    assert.deepEqual((await visible()).sort(), [`other-${"2".repeat(16)}`, path.basename(target)].sort());
  });

  it("keeps the old entry when the new one cannot be made", async () => {
    const old = await cached(entry("1".repeat(16)), write("old"));
    const fail = () => Promise.reject(new Error("no"));
    await assert.rejects(cached(entry("3".repeat(16)), fail, { onlyOne: true }));
    assert.ok(await exists(old));
  });

  it("gives different parts different keys, wherever the parts are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (left, right) => {
        assert.equal(cacheKey(left) === cacheKey(right), JSON.stringify(left) === JSON.stringify(right));
      }),
    );
    assert.notEqual(cacheKey(["ab", "c"]), cacheKey(["a", "bc"]));
  });

  it("says in a sentence why the cache cannot be written", () => {
    const failure = (code: string) => Object.assign(new Error(code), { code });
    for (const code of ["ENOSPC", "EACCES", "EROFS"]) {
      const explained = explainWriteFailure(failure(code), "/cache");
      assert.ok(explained instanceof LabError && explained.message.includes("/cache"), code);
    }
    const full = explainWriteFailure(new CommandError("ctr failed", "write /a: no space left on device"), "/cache");
    assert.match((full as Error).message, /^The disk of \/cache is full/);
    const other = failure("EIO");
    assert.equal(explainWriteFailure(other, "/cache"), other);
    const sentence = new LabError("a sentence");
    assert.equal(explainWriteFailure(sentence, "/cache"), sentence);
  });
});
