// Differences of inputs, leaf by leaf, and their paths.
// Does not prove: how Pulumi shows them.
import assert from "node:assert/strict";
import fc from "fast-check";
import { changes, formatPath, isWithin, parsePath } from "../../../lab/provider/diff/difference";
import { JsonObject, sameJson, valueAt } from "../../../lab/json";
import { document, pathsIn } from "./arbitraries";

describe("paths", () => {
  it("are written as Pulumi writes them", () => {
    assert.equal(formatPath(["spec", "containers", 0, "image"]), "spec.containers[0].image");
    assert.equal(
      formatPath(["metadata", "labels", "app.kubernetes.io/name"]),
      'metadata.labels["app.kubernetes.io/name"]',
    );
  });

  it("can be read again, whatever the keys are", () => {
    fc.assert(
      fc.property(document, (value) => {
        for (const path of pathsIn(value)) {
          assert.deepEqual(parsePath(formatPath(path)), path);
        }
      }),
    );
  });

  it("may stand for every step of a place", () => {
    assert.deepEqual(parsePath("spec.containers[*].image"), ["spec", "containers", "*", "image"]);
    assert.deepEqual(parsePath("spec.*"), ["spec", "*"]);
    assert.equal(isWithin(["spec", "containers", 3, "image"], ["spec", "containers", "*", "image"]), true);
    assert.equal(isWithin(["spec", "containers", 3], ["spec", "containers", "*", "image"]), false);
    assert.equal(isWithin(["specification"], ["spec"]), false);
  });
});

describe("changes", () => {
  it("name the smallest part that differs", () => {
    const before = { spec: { replicas: 1, containers: [{ image: "a", name: "c" }] }, data: { gone: "x" } };
    const after: JsonObject = {
      spec: { replicas: 1, containers: [{ image: "b", name: "c" }, { name: "d" }] },
      data: { made: "y" },
    };
    assert.deepEqual(
      changes(before, after).map(({ path, kind }) => `${kind} ${formatPath(path)}`),
      ["update spec.containers[0].image", "add spec.containers[1]", "add data.made", "delete data.gone"],
    );
  });

  it("take a null for a field that is not there", () => {
    assert.deepEqual(changes({ a: null }, {}), []);
    assert.deepEqual(changes({}, { a: null }), []);
  });

  it("tell a list from an object and a number from its digits", () => {
    assert.equal(changes({ a: [] }, { a: {} }).length, 1);
    assert.equal(changes({ a: 1 }, { a: "1" }).length, 1);
  });

  it("are none exactly when the documents are the same, and lie where the values differ", () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        const found = changes(before, after);
        assert.equal(found.length === 0, sameJson(before, after));
        for (const { path } of found) {
          assert.equal(sameJson(valueAt(before, path), valueAt(after, path)), false, formatPath(path));
        }
      }),
    );
  });
});
