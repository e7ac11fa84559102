// Selectors that are looked up by the labels they are to fit find what holding each against them finds.
import assert from "node:assert/strict";
import fc from "fast-check";
import { haveLabels } from "../../../model/ground/label-selector";
import { bySelectors } from "../../../model/ground/selector-index";

const labels = fc.dictionary(fc.constantFrom("app", "tier", "constructor"), fc.constantFrom("a", "b", ""), {
  maxKeys: 3,
});

describe("an index of selectors", () => {
  it("finds, in their order, those and only those that labels meet", () => {
    fc.assert(
      fc.property(fc.array(labels, { maxLength: 12 }), labels, (selectors, given) => {
        const items = selectors.map((selector, index) => ({ selector, index }));
        const found = bySelectors(items, ({ selector }) => selector)(given);
        assert.deepEqual(
          found.map(({ index }) => index),
          items.filter(({ selector }) => haveLabels(given, selector)).map(({ index }) => index),
        );
      }),
    );
  });

  it("fits what has no labels to selectors without any", () => {
    assert.deepEqual(bySelectors([{}, { app: "a" }], (selector) => selector as Record<string, string>)(undefined), [
      {},
    ]);
  });
});
