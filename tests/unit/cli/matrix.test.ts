// The matrix as a table and as JSON.
// Does not prove: anything about a mesh; the cells are made up.
import assert from "node:assert/strict";
import { Cell, modelMatrix, toJson } from "../../../cli/matrix";
import { matrixSummary, matrixTable } from "../../../cli/matrix-table";
import { parseConfig } from "../../../model";
import { now, soundConfig } from "../model/config/sound-config";

const raw = {
  ...soundConfig(),
  destinations: { github: { hosts: ["github.com"] } },
  allow: [{ from: "test-app/app-a", to: "github", owner: "team-a" }],
  deny: [],
};

function cells(seen?: (cell: Cell) => Pick<Cell, "seen" | "ok">): Cell[] {
  return modelMatrix(parseConfig(raw, { now })).map((cell) => ({ ...cell, ...seen?.(cell) }));
}

describe("the matrix", () => {
  it("shows what the model wants, a row for each workload and host", () => {
    assert.equal(
      matrixTable(cells()),
      [
        "FROM                   HOST        HTTP   HTTPS  RULE",
        "istio-workload/hammer  github.com  deny   deny",
        "test-app/app-a         github.com  allow  allow  allow[0] team-a",
      ].join("\n"),
    );
    assert.equal(matrixSummary(cells()), "4 calls, 2 to be allowed and 2 to be denied.");
  });

  it("shows what was seen beside it, and marks what the model does not want", () => {
    const live = cells(({ verdict }) =>
      verdict.from === "istio-workload/hammer" && verdict.protocol === "http"
        ? { seen: "200", ok: false }
        : { seen: verdict.expected === "allow" ? "200" : "TLS refused", ok: true },
    );
    assert.equal(
      matrixTable(live),
      [
        "FROM                   HOST        HTTP         HTTPS                RULE",
        "istio-workload/hammer  github.com  ✘ deny  200  ✔ deny  TLS refused",
        "test-app/app-a         github.com  ✔ allow 200  ✔ allow 200          allow[0] team-a",
      ].join("\n"),
    );
    assert.match(matrixSummary(live), /the mesh disagrees on 1, marked ✘\.$/);
    const agreeing = live.map((cell) => ({ ...cell, ok: true }));
    assert.match(matrixSummary(agreeing), /the mesh agrees on every one\.$/);
  });

  it("is a flat array as JSON, with null for what was not asked", () => {
    assert.deepEqual(toJson(cells()).slice(1, 3), [
      { from: "istio-workload/hammer", url: "https://github.com", expected: "deny", seen: null, ok: null, rule: null },
      {
        from: "test-app/app-a",
        url: "http://github.com",
        expected: "allow",
        seen: null,
        ok: null,
        rule: "istio-egress:allow[0]",
      },
    ]);
  });
});
