// A comparison as Markdown and as a picture: what people write in a stack's file is shown, and does nothing.
// Does not prove: that GitHub's reading of Markdown has no other way to make something of a text.
import assert from "node:assert/strict";
import { Comparison } from "../../../cli/diff/compare";
import { commentMarker, diffMarkdown } from "../../../cli/diff/markdown";
import { diffPicture } from "../../../cli/diff/picture";
import { GrantChange } from "../../../model/diff";

function gain(host: string, reason = "r"): GrantChange {
  return { from: "shop/cart", host, after: { protocols: ["https"], owner: "team-a", reason } };
}

function markdownOf(grants: GrantChange[], risks: Comparison["risks"] = []): string {
  const diff = { grants, callers: [], denied: [], namespaces: [], workloads: [], settings: [] };
  return diffMarkdown([{ title: "prod", stack: "on both sides", diff, risks, unreadable: [] }]);
}

describe("a diff as Markdown", () => {
  it("begins with the mark by which it is found again", () => {
    assert.ok(diffMarkdown([]).startsWith(`${commentMarker}\n`));
    assert.match(diffMarkdown([]), /There is no stack\.$/);
  });

  it("names in one line the stacks that nothing changes for", () => {
    const same = (title: string): Comparison => ({
      title,
      stack: "on both sides",
      diff: { grants: [], callers: [], denied: [], namespaces: [], workloads: [], settings: [] },
      risks: [],
      unreadable: [],
    });
    assert.match(diffMarkdown([same("dev"), same("prod")]), /\n\nNo difference that matters in `dev`, `prod`\.$/);
  });

  it("says of a grant that a namespace has the same, and neither gives nor takes", () => {
    const after = { protocols: ["https"] };
    const own = { from: "shop/cart", host: "a.example", byNamespace: "shop/*" };
    const row = (grant: GrantChange) =>
      markdownOf([grant])
        .split("\n")
        .find((line) => /^\| `shop/.test(line))!;
    assert.match(
      row({ ...own, after }),
      /^\| `shop\/cart` \| \*\*changes\*\* \(before by `shop\/\*`\) \| `a\.example` \|/,
    );
    assert.match(row({ ...own, before: after }), /\*\*changes\*\* \(still by `shop\/\*`\)/);
    assert.match(row({ from: "shop/cart", host: "a.example", before: after }), /\*\*loses\*\* \|/);
  });

  it("has a row for each caller of guarded pods that gains or loses connections", () => {
    const callers = [
      { into: "shop", from: "pods app=x of team|a", after: { ports: [8080], reason: "*bold* @octocat" } },
      { into: "shop", from: "10.9.0.0/28", before: { ports: [80, 443] }, after: { ports: [443] } },
      { into: "platform", from: "anybody", before: {} },
    ];
    const diff = { grants: [], callers, denied: [], namespaces: [], workloads: [], settings: [] };
    const text = diffMarkdown([{ title: "prod", stack: "on both sides", diff, risks: [], unreadable: [] }]);
    assert.match(text, /1 caller of guarded pods gained, 2 lost/);
    const rows = text.split("\n").filter((line) => /^\| `/.test(line));
    assert.deepEqual(rows, [
      "| `pods app=x of team\\|a` | **gains** | `shop` | port 8080; reason \\*bold\\* @<!-- -->octocat |",
      "| `10.9.0.0/28` | **loses** | `shop` | ports 80, 443 → port 443 |",
      "| `anybody` | **loses** | `platform` | every port |",
    ]);
  });

  it("makes nothing of what people write: no markup, no table cell, no mention, no link", () => {
    const row = markdownOf([gain("a.example", "a|b *c* <img src=x> @octocat [d](e) `f`\n\n## https://g.example -->")])
      .split("\n")
      .find((line) => line.includes("a.example` |"))!;
    assert.equal(row.match(/(?<!\\)\|/g)?.length, 6);
    assert.ok(
      row.includes(
        "a\\|b \\*c\\* &lt;img src=x> @<!-- -->octocat \\[d\\]\\(e\\) \\`f\\` \\#\\# https:<!-- -->//g.example -->",
      ),
      row,
    );
  });

  it("names twenty hosts of a line at most", () => {
    const hosts = Array.from({ length: 23 }, (_, index) => `h${String(index).padStart(2, "0")}.example`);
    const text = markdownOf(hosts.map((host) => gain(host)));
    assert.match(text, /`h19\.example`<br>and 3 more \|/);
    assert.doesNotMatch(text, /h20/);
  });

  it("sets off what to look at", () => {
    assert.match(markdownOf([gain("a.example")], [{ about: "x", risk: "y" }]), /\n> \[!WARNING\]\n> - `x`: y\n\n/);
  });
});

describe("a diff as a picture", () => {
  const before = { protocols: ["https" as const] };

  it("tells gains, losses and changes apart", () => {
    const grants: GrantChange[] = [
      gain("a.example"),
      { from: "shop/cart", host: "b.example", before },
      { from: "shop/search", host: "a.example", before, after: { ...before, owner: "team-b" } },
    ];
    assert.equal(
      diffPicture(grants),
      [
        "flowchart LR",
        '  w0["shop/cart"]',
        '  w1["shop/search"]',
        '  h0(["a.example"])',
        '  h1(["b.example"])',
        '  w0 == "gains" ==> h0',
        '  w0 -. "loses" .-x h1',
        '  w1 -- "changes" --> h0',
      ].join("\n"),
    );
  });

  it("is left out where there is nothing to draw, or too much", () => {
    assert.equal(diffPicture([]), undefined);
    const many = Array.from({ length: 17 }, (_, index) => gain(`h${index}.example`));
    assert.ok(diffPicture(many.slice(1)) !== undefined);
    assert.equal(diffPicture(many), undefined);
    assert.doesNotMatch(markdownOf(many), /mermaid/);
  });
});
