// When an output is what a document shows: above all, when it is not.
// Does not prove: which values vary; kinds.test.ts does.
import assert from "node:assert/strict";
import { firstDifference, matches } from "../../walkthrough/match";

describe("walkthrough/match", () => {
  it("takes the same lines, and no line more, less or other", () => {
    const shown = ["one", "", "two (a|b) [c] $1.0 ^x\\ {3} a-b"];
    assert.equal(matches(shown, shown, []), true);
    for (const [seen, difference] of [
      [["one", "", "two"], { expected: 2, actual: 2 }],
      [["one", shown[2]!], { expected: 1, actual: 1 }],
      [["one", ""], { expected: 1 }],
      [[...shown, "three"], { actual: 3 }],
      [[], { expected: 0 }],
      [["One", "", shown[2]!], { expected: 0, actual: 0 }],
      [["one", "", shown[2]!.replace("1.0", "1x0")], { expected: 2, actual: 2 }],
    ] as const) {
      assert.deepEqual(firstDifference(shown, [...seen], []), difference, seen.join("\n"));
    }
  });

  it("does not count blanks at the end of lines, or empty lines at the end of all", () => {
    assert.equal(matches(["one  ", "two", ""], ["one", "two\t", "", ""], []), true);
    assert.equal(matches(["one", "two"], ["one", "", "two"], []), false);
    assert.equal(matches(["  one"], ["one"], []), false);
  });

  it("takes an ellipsis within a line for anything or nothing, and for no end of a line", () => {
    assert.equal(matches(["a … c … e"], ["a b c  e"], []), true);
    assert.equal(matches(["a…e"], ["ae"], []), true);
    assert.equal(matches(["a…e"], ["ab"], []), false);
    assert.equal(matches(["a…e"], ["a", "e"], []), false);
    assert.equal(matches(["a...e"], ["abcde"], []), false);
  });

  it("takes an ellipsis by itself for any lines, and then goes on exactly", () => {
    const seen = ["a", "b", "x", "b", "y", "z"];
    for (const shown of [
      ["…"],
      ["a", "…"],
      ["…", "z"],
      ["a", "…", "b", "y", "z"],
      ["…", "b", "…", "y", "  …", "z", "…"],
    ]) {
      assert.equal(matches(shown, seen, []), true, shown.join(","));
    }
    for (const shown of [
      ["…", "y"],
      ["b", "…"],
      ["a", "…", "b", "z"],
      ["…", "z", "…", "a"],
      ["a", "…", "q", "…"],
    ]) {
      assert.equal(matches(shown, seen, []), false, shown.join(","));
    }
    assert.equal(matches(["a", "…"], ["a"], []), true);
    assert.deepEqual(firstDifference(["a", "…", "b", "z"], seen, []), { expected: 3, actual: 4 });
  });

  describe("where a value varies", () => {
    const table = ["NAME                     READY   AGE", "app-a-6c5475744d-xmthn   2/2     12s"];
    const wider = ["NAME                    READY   AGE", "app-a-5d8f9bcd7-2b9zt   2/2     1m3s"];

    it("counts runs of spaces as one in its own line", () => {
      assert.equal(matches(["12s   x  y"], ["1m3s x y"], ["duration"]), true);
      assert.equal(matches(["12s   x  y"], ["1m3s xy"], ["duration"]), false);
      assert.equal(matches(["z   x  y"], ["z x y"], ["duration"]), false);
    });

    it("lets the padding of its table's other lines follow, and nothing but the padding", () => {
      assert.equal(matches(table, wider, ["pod", "duration"]), true);
      assert.equal(matches(table, wider, ["pod"]), false);
      assert.equal(matches(table, [wider[0]!.replace("READY", "READ"), wider[1]!], ["pod", "duration"]), false);
      assert.equal(matches(table, [wider[0]!.replace(/ +/, " "), wider[1]!], ["pod", "duration"]), false);
      assert.equal(matches(["", "  a: b", "x  y", "12s"], ["", " a: b", "x  y", "12s"], ["duration"]), false);
    });

    it("leaves lines beyond an empty one exact", () => {
      assert.equal(matches(["a  b", "", "12s"], ["a   b", "", "13s"], ["duration"]), false);
      assert.equal(matches(["a  b", "12s"], ["a   b", "13s"], ["duration"]), true);
    });

    it("leaves the rest of its line exact", () => {
      assert.equal(matches(["ready in 12s: 200"], ["ready in 13s: 502"], ["duration"]), false);
      assert.equal(matches(["12s … 14s."], ["1s and 2m."], ["duration"]), true);
    });
  });
});
