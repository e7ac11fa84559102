// What of a document is run, and that nothing of it can be passed over by mistake.
// Does not prove: that the commands do anything; replay.test.ts does.
import assert from "node:assert/strict";
import { readWalkthrough } from "../../walkthrough/read";
import { WalkthroughError } from "../../walkthrough/step";

function markdown(...lines: string[]): string {
  return [...lines, ""].join("\n");
}

function complaints(...lines: string[]): string {
  try {
    readWalkthrough(markdown(...lines), { document: "a.md" });
  } catch (error) {
    assert.ok(error instanceof WalkthroughError, String(error));
    return error.message;
  }
  return assert.fail("the document is read without a complaint");
}

const block = ["```console", "$ date", "12:00:00", "```"];

describe("walkthrough/read", () => {
  it("takes commands and their outputs from console blocks, with lines, and leaves the rest", () => {
    const steps = readWalkthrough(
      markdown(
        "# Title",
        ...["```yaml", "a: b", "```"],
        ...["```console", "$ one", "$ two \\", ">   --flag", "> ", ">", "out", "", "more", "", "$ three", "```"],
        ...["1. in a list:", "   ```console", "   $ four", "     indented", "   ```"],
        ...["> ~~~Console", "> $ five", "> out", "> ~~~"],
      ),
    );
    const plain = { exit: 0, varying: [], limit: 120 };
    assert.deepEqual(steps, [
      { ...plain, line: 6, command: "one", place: { from: 6, to: 6 }, indent: "" },
      {
        ...{ ...plain, line: 7, command: "two \\\n  --flag\n\n", expected: ["out", "", "more"] },
        ...{ place: { from: 10, to: 13 }, indent: "" },
      },
      { ...plain, line: 15, command: "three", place: { from: 15, to: 15 }, indent: "" },
      { ...plain, line: 19, command: "four", expected: ["  indented"], place: { from: 19, to: 20 }, indent: "   " },
      { ...plain, line: 23, command: "five", expected: ["out"], place: { from: 23, to: 24 }, indent: "> " },
    ]);
  });

  it("takes what comments right before a block say of it, and of no other", () => {
    const [first, second, third] = readWalkthrough(
      markdown(
        ...["<!-- varies: date, count -->", "<!--exit: 0, 22--><!-- limit: 300s -->", "", "```console"],
        ...["$ one", "12:00:00 3", "$ two", "```", "<!-- within: 10s -->", "```console", "$ three", "```"],
      ),
    );
    assert.deepEqual(
      [first!.exit, first!.limit, first!.varying, first!.within],
      [0, 300, ["date", "count"], undefined],
    );
    assert.deepEqual([second!.exit, second!.limit], [22, 300]);
    assert.deepEqual([third!.exit, third!.limit, third!.varying, third!.within], [0, 120, [], 10]);
  });

  it("lets other comments be where no block of ours follows", () => {
    assert.equal(
      readWalkthrough(markdown("<!-- prettier-ignore -->", "text <!-- note: x -->", "", ...block)).length,
      1,
    );
  });

  it("refuses commands that nobody would run", () => {
    for (const language of ["sh", "bash", "Shell", "zsh", "shell-session"]) {
      assert.match(
        complaints(...block, `\`\`\`${language} title`, "ls", "```"),
        /^a\.md:5: a block of the language \w+/,
      );
    }
    const escaping = /^a\.md:5: a block with commands is not run unless its language is console\.$/;
    assert.match(complaints(...block, "```text", "$ ls", "```"), escaping);
    assert.match(complaints(...block, "```", "$ ls", "```"), escaping);
    assert.match(complaints("text", "", "text", "", "    $ ls", "", ...block), escaping);
    assert.match(complaints("# Nothing"), /^a\.md:1: there is no console block/);
  });

  it("refuses comments that say nothing, or nothing of a block", () => {
    for (const [comment, complaint] of [
      [
        "varies: dates",
        /^a\.md:1: varies: "dates" is no kind of value\. Kinds: address, count, date, duration, id, pod\.$/,
      ],
      ["varies: date, pod", /^a\.md:1: varies: no output of the block holds a pod\./],
      ["varies:", /^a\.md:1: varies: "" is no kind/],
      [
        "varys: date",
        /^a\.md:1: <!-- varys: date --> says nothing that is known\. Known: exit, varies, limit, within\.$/,
      ],
      ["constructor: x", /^a\.md:1: <!-- constructor: x --> says nothing that is known/],
      ["exit: one", /^a\.md:1: exit: "one" is not a list of exit codes/],
      ["exit: 256", /^a\.md:1: exit: "256"/],
      ["exit: 0, 1", /^a\.md:2: exit: 2 codes for 1 commands/],
      ["limit: 2h", /^a\.md:1: limit: "2h" is no time from 1s to 1800s\.$/],
      ["limit: 1801s", /no time from 1s to 1800s/],
      ["within: 121s", /^a\.md:1: within: "121s" is no time from 1s to 120s\.$/],
      ["within: 0s", /no time from 1s/],
    ] as const) {
      assert.match(complaints(`<!-- ${comment} -->`, ...block), complaint, comment);
    }
    assert.match(complaints("<!-- exit: 0 -->", "<!-- exit: 0 -->", ...block), /is the second exit of its block/);
    assert.match(complaints("<!-- within: 3s -->", "```console", "$ a", "$ b", "```"), /within: 2 commands stand/);
    const lost = /a\.md:\d: <!-- exit: 1 --> stands before no console block/;
    assert.match(complaints("<!-- exit: 1 -->", "text", "", ...block), lost);
    assert.match(complaints("<!-- exit: 1 -->", "```yaml", "a: b", "```", ...block), lost);
    assert.match(complaints(...block, "<!-- exit: 1 -->"), lost);
    assert.match(complaints("text <!-- exit: 1 --> text", ...block), /stands by itself on the line before the block/);
  });

  it("refuses transcripts that are none", () => {
    assert.match(complaints("```console", "out", "$ a", "```"), /^a\.md:2: a console block begins with a command/);
    assert.match(complaints("```console", "```"), /^a\.md:2: a console block begins with a command/);
    assert.match(complaints("```console", "$  ", "```"), /^a\.md:2: there is no command behind "\$ "/);
    assert.match(complaints("```console", "$ a", "out"), /^a\.md:1: the block is not closed\.$/);
  });

  it("names all that is wrong at once", () => {
    const text = complaints("<!-- varies: dates -->", ...block, "```sh", "```", "```text", "$ a", "```");
    assert.deepEqual(
      text.split("\n").map((line) => line.replace(/: .*/, "")),
      ["a.md:1", "a.md:6", "a.md:8"],
    );
  });

  it("lets a kind be in no output yet while outputs are still to come", () => {
    const text = markdown("<!-- varies: pod -->", ...block);
    assert.throws(() => readWalkthrough(text), WalkthroughError);
    assert.deepEqual(readWalkthrough(text, { outputsToCome: true })[0]!.varying, ["pod"]);
  });
});
