// The documents that tell of ways around the guard say what a run in the lab has seen, and nothing else.
// Does not prove: that it is so today; tests/lab/bypass.test.ts does.
import assert from "node:assert/strict";
import { heldResults, holdDocuments } from "../../lab/bypass/documents";
import { isOpen } from "../../lab/bypass/results";

describe("docs/bypass.json", () => {
  it("is what docs/security.md and docs/bypass.md are made from", () => holdDocuments(heldResults()));

  it("has more than a hundred ways, each with what stopped it or why it stays open", () => {
    const rows = heldResults();
    assert.ok(rows.length > 100, `${rows.length}`);
    assert.ok(rows.filter((row) => !isOpen(row)).every(({ answer }) => answer !== ""));
  });
});
