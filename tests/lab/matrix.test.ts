// `egress matrix lab --live`: every cell asked from inside the pods, and the form of its JSON.
// Does not prove: workloads whose image has no curl.
import assert from "node:assert/strict";
import { egress } from "./support/commands";
import { workloadCells } from "./support/matrix";

interface Cell {
  from: string;
  url: string;
  expected: "allow" | "deny";
  seen: unknown;
  ok: boolean;
  rule: string | null;
}

describe("egress matrix lab --live", () => {
  let cells: Cell[];

  before(() => {
    const { exitCode, stdout, stderr } = egress(["matrix", "lab", "--live", "--json"]);
    assert.equal(exitCode, 0, stdout + stderr);
    cells = workloadCells<Cell>(stdout);
  });

  it("asks every workload for every host over http and https, and for cnn.com, which nobody is allowed", () => {
    const workloads = ["istio-workload/hammer", "test-app/app-a", "test-app/app-b"];
    const hosts = ["cnn.com", "github.com", "google.com", "httpbin.org", "www.google.com"];
    const wanted = workloads.flatMap((from) =>
      hosts.flatMap((host) => [`${from} http://${host}`, `${from} https://${host}`]),
    );
    assert.deepEqual(cells.map((cell) => `${cell.from} ${cell.url.replace(/\/$/, "")}`).sort(), wanted.sort());
  });

  it("allows the demo's edges and nothing else, each with its rule", () => {
    const allowed = cells.filter((cell) => cell.expected === "allow");
    assert.deepEqual([...new Set(allowed.map((cell) => `${cell.from} ${new URL(cell.url).hostname}`))].sort(), [
      "test-app/app-a github.com",
      "test-app/app-a httpbin.org",
      "test-app/app-b google.com",
      "test-app/app-b www.google.com",
    ]);
    assert.equal(allowed.length, 8);
    assert.ok(allowed.every((cell) => /^istio-egress:allow\[\d\]$/.test(cell.rule!)));
    assert.ok(cells.filter((cell) => cell.expected === "deny").every((cell) => cell.rule === null));
  });

  it("has seen every cell, and the mesh agrees with the model in each", () => {
    assert.ok(cells.every((cell) => cell.seen !== null && cell.seen !== undefined));
    assert.deepEqual(
      cells.filter((cell) => !cell.ok),
      [],
    );
  });
});
