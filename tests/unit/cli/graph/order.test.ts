// The order in which boxes stand, and how near they come to where they would be.
// Does not prove that the order is the best one: to find that takes longer than anybody would wait.
import assert from "node:assert/strict";
import fc from "fast-check";
import { columnsOf, leavesOf } from "../../../../cli/graph/frames";
import { crossingsIn, ordered } from "../../../../cli/graph/order";
import { Item, stackColumn } from "../../../../cli/graph/stack";
import { graphOf } from "../../../../model/graph";
import { exampleConfig, largeConfig } from "../../model/graph/example";

describe("the order of a picture", () => {
  it("lets no lines cross where none have to", () => {
    const graph = graphOf(exampleConfig());
    const columns = ordered(columnsOf(graph), graph.edges);
    // app-a and app-b have rules in the same two frames.
    assert.equal(crossingsIn(columns, graph.edges), 1);
  });

  it("lets fewer lines cross than the order by name, and loses nothing", () => {
    const graph = graphOf(largeConfig());
    const given = columnsOf(graph);
    const found = ordered(given, graph.edges);
    assert.ok(crossingsIn(found, graph.edges) < 0.6 * crossingsIn(given, graph.edges));
    for (const column of ["callers", "ways", "called"] as const) {
      const ids = (columns: typeof given) => columns[column].flatMap(leavesOf).map(({ id }) => id);
      assert.deepEqual(ids(found).sort(), ids(given).sort());
    }
  });
});

describe("a column", () => {
  const item = fc.record<Item>(
    {
      height: fc.integer({ min: 1, max: 50 }),
      gap: fc.integer({ min: 0, max: 20 }),
      wish: fc.integer({ min: 0, max: 2000 }),
    },
    { requiredKeys: ["height", "gap"] },
  );

  it("keeps its order and its gaps, whatever is wished for", () => {
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const tops = stackColumn(items);
        items.slice(1).forEach(({ gap }, index) => {
          assert.ok(tops[index + 1]! - (tops[index]! + items[index]!.height) >= gap - 1e-6);
        });
      }),
    );
  });

  it("grants wishes that are not in each other's way, and meets the others in the middle", () => {
    const tops = (...wishes: (number | undefined)[]) =>
      stackColumn(wishes.map((wish) => ({ height: 10, gap: 5, ...(wish === undefined ? {} : { wish }) }))).map(
        Math.round,
      );
    assert.deepEqual(tops(100, 300), [100, 300]);
    assert.deepEqual(tops(100, 130, 400), [100, 130, 400]);
    assert.deepEqual(tops(105, 105, 105), [90, 105, 120]);
    assert.deepEqual(tops(400, undefined), [400, 415]);
  });
});
