// The page as text: what it may load, and that no name or reason in it becomes markup.
// Does not prove that a browser sees it so, nor what the page does: tests/browser does.
import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { htmlPage } from "../../../../cli/graph/html";
import { drawingOf } from "../../../../cli/graph/layout";
import { PageItem } from "../../../../cli/graph/page/item";
import { graphOf } from "../../../../model/graph";
import { exampleCalls, exampleConfig, nasty } from "../../model/graph/example";

describe("a graph as a page", () => {
  const graph = graphOf(exampleConfig(), exampleCalls());
  let page: string;
  before(async () => (page = await htmlPage(`Stack ${nasty}`, graph, drawingOf(graph))));

  const only = (pattern: RegExp): string => {
    const found = [...page.matchAll(pattern)];
    assert.equal(found.length, 1, `${found.length} of ${pattern}`);
    return found[0]![1]!;
  };
  const hashOf = (text: string) => `'sha256-${crypto.createHash("sha256").update(text).digest("base64")}'`;

  it("may run its own script and use its own style, and load nothing", () => {
    const policy = only(/<meta http-equiv="Content-Security-Policy" content="([^"]*)">/g);
    const script = only(/<script>([^]*?)<\/script>/g);
    const style = only(/<style>([^]*?)<\/style>/g);
    assert.equal(
      policy,
      `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`,
    );
    assert.doesNotMatch(
      page.replace(script, ""),
      /<(link|img|iframe|base)\b|\b(src|href|style)="|@import|url\((?!#arrow-)/,
    );
  });

  it("shows what is written in a reason as text, wherever it stands", () => {
    const scripts = page.match(/<script/g) ?? [];
    assert.equal(scripts.length, 2);
    assert.doesNotMatch(page, /<b |onclick="/);
    const items = JSON.parse(only(/<script type="application\/json" id="data">([^]*?)<\/script>/g)) as PageItem[];
    assert.ok(items.some(({ facts }) => facts.some(({ values }) => values.includes(nasty))));
  });

  it("knows every node and edge, and holds a row for every edge", () => {
    const items = JSON.parse(only(/<script type="application\/json" id="data">([^]*?)<\/script>/g)) as PageItem[];
    assert.deepEqual(items.map(({ id }) => id).sort(), [...graph.nodes, ...graph.edges].map(({ id }) => id).sort());
    const known = new Set(items.map(({ id }) => id));
    assert.ok(
      items.every(({ related, links }) => [...related, ...links.map(({ id }) => id)].every((id) => known.has(id))),
    );
    assert.equal(page.match(/<button data-open=/g)?.length, graph.edges.length);
  });
});
