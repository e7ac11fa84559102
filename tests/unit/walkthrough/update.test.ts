// What --update writes into a document, and that it writes nothing that would be read in another way.
// Does not prove: that what was seen is right; that is for the document's author to judge.
import assert from "node:assert/strict";
import { readWalkthrough } from "../../walkthrough/read";
import { WalkthroughError } from "../../walkthrough/step";
import { rewriteOutputs } from "../../walkthrough/update";

const document = [
  ...[
    "# Title",
    "",
    "<!-- varies: date -->",
    "",
    "```console",
    "$ one",
    "12:00:00",
    "$ two",
    "old",
    "",
    "$ three",
    "?",
  ],
  ...["```", "", "- in a list", "", "  ```console", "  $ four", "  old", "  ```", ""],
].join("\n");

describe("walkthrough/update", () => {
  const [one, two, three, four] = readWalkthrough(document);

  it("puts outputs in the place of others, whatever their length, and leaves all else", () => {
    const changes = [
      { step: three!, output: ["a", "", "  b"] },
      { step: two!, output: ["new"] },
      { step: four!, output: ["c", "", "d"] },
    ];
    const expected = document
      .replace("$ two\nold", "$ two\nnew")
      .replace("?\n", "a\n\n  b\n")
      .replace("  old", "  c\n\n  d");
    const rewritten = rewriteOutputs("a.md", document, changes);
    assert.equal(rewritten, expected);
    assert.deepEqual(
      readWalkthrough(rewritten).map(({ expected: shown }) => shown),
      [["12:00:00"], ["new"], ["a", "", "  b"], ["c", "", "d"]],
    );
    assert.equal(rewriteOutputs("a.md", document, []), document);
  });

  it("refuses outputs that would be read as commands or as the end of their block, and those that are none", () => {
    for (const output of [["a", "$ b"], ["```"], ["  ~~~"], ["> a"], []]) {
      assert.throws(() => rewriteOutputs("a.md", document, [{ step: one!, output }]), WalkthroughError, output.join());
    }
    assert.throws(
      () =>
        rewriteOutputs("a.md", document, [
          { step: one!, output: [] },
          { step: two!, output: ["$ x"] },
        ]),
      {
        message:
          "a.md:6: the command shows nothing any more. Take its output out.\n" +
          "a.md:8: the output's line \"$ x\" would be read as a command or as the block's end.",
      },
    );
    assert.doesNotThrow(() => rewriteOutputs("a.md", document, [{ step: one!, output: ["a", "> b"] }]));
  });
});
