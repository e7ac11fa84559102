// The picture as a file of its own: well-formed, complete, nothing over something else.
// Does not prove how it looks: text is measured by an average here, and in a browser by tests/browser.
import assert from "node:assert/strict";
import { Box, Drawing } from "../../../../cli/graph/drawing";
import { drawingOf } from "../../../../cli/graph/layout";
import { svgFile } from "../../../../cli/graph/svg";
import { Graph, graphOf } from "../../../../model/graph";
import { exampleCalls, exampleConfig, largeConfig, nasty } from "../../model/graph/example";
import { assertWellFormed } from "./well-formed";

const graphs: [title: string, graph: Graph][] = [
  ["the example", graphOf(exampleConfig())],
  ["the example with calls", graphOf(exampleConfig(), exampleCalls())],
  ["a large stack", graphOf(largeConfig())],
  [
    "a stack with nothing in it",
    graphOf({ ...exampleConfig(), workloads: [], destinations: [], outside: [], allow: [], deny: [] }),
  ],
];

describe("a graph as SVG", () => {
  for (const [title, graph] of graphs) {
    it(`is well-formed, and shows every node and every edge: ${title}`, () => {
      const svg = svgFile(`${nasty} \u0007 \ud800`, graph, drawingOf(graph));
      assertWellFormed(svg);
      const shown = [...svg.matchAll(/data-id="([^"]*)"/g)].map(([, id]) => id!.replaceAll("&#62;", ">"));
      assert.deepEqual(shown.sort(), [...graph.nodes, ...graph.edges].map(({ id }) => id).sort());
      assert.doesNotMatch(svg, /<script|<foreignObject|\bon\w+="|(href|src)="|url\((?!#arrow-)|@import|\bNaN\b/);
    });

    it(`puts no box over another, and all inside the picture: ${title}`, () => {
      const drawing = drawingOf(graph);
      const boxes: Box[] = [...drawing.nodes, ...drawing.edges, ...drawing.notes];
      boxes.forEach((box, index) => {
        assert.ok(
          box.x >= 0 && box.y >= 0 && box.x + box.width <= drawing.width && box.y + box.height <= drawing.height,
        );
        assert.deepEqual(
          boxes.slice(index + 1).filter((other) => overlap(box, other)),
          [],
        );
      });
      framesApart(drawing);
    });
  }

  it("is the same each time", () => {
    const [, [, graph]] = graphs as [unknown, [string, Graph]];
    assert.equal(svgFile("x", graph, drawingOf(graph)), svgFile("x", graph, drawingOf(structuredClone(graph))));
  });

  it("follows the system's wish for dark colours", () => {
    const [[, graph]] = graphs as [[string, Graph]];
    assert.match(svgFile("x", graph, drawingOf(graph)), /@media \(prefers-color-scheme: dark\)/);
  });
});

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Frames are inside one another or apart. */
function framesApart({ frames }: Drawing): void {
  const inside = (a: Box, b: Box) =>
    a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;
  frames.forEach((frame, index) => {
    for (const other of frames.slice(index + 1)) {
      assert.ok(!overlap(frame, other) || inside(frame, other) || inside(other, frame));
    }
  });
}
