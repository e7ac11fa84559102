// `egress report --live` on the lab: the matrix is asked, doctor looks, and the use of rules is read from the logs.
// Does not prove a cluster whose matrix is too large to be asked at once.
import assert from "node:assert/strict";
import { liveReport } from "./support/report";

describe("egress report --live", () => {
  it("asks for every call, finds the cluster as the file says, and knows when rules were used", () => {
    const { exitCode, said, evidence, csv } = liveReport();
    assert.equal(exitCode, 0, said);
    const { matrix, cluster, usage, rules } = evidence;
    assert.deepEqual([matrix.asked, matrix.disagree], [true, 0]);
    // Refused calls beside allowed ones, each asked for.
    assert.ok(matrix.deny > 0 && matrix.allow > 0);
    assert.match(csv, /,deny,502 from the sidecar,true,/);
    assert.match(csv, /,allow,200,true,istio-egress:allow/);
    assert.deepEqual(cluster!.findings, []);
    assert.ok(cluster!.passed.some(({ check }) => check === "drift"));
    assert.ok(usage!.calls > 0);
    assert.ok(rules.some(({ use }) => (use?.calls ?? 0) > 0));
    const states = new Map(evidence.controls.map(({ id, state }) => [id, state]));
    assert.deepEqual([states.get("1.2.8"), states.get("1.3.2"), states.get("SC-7(5)")], ["shown", "shown", "shown"]);
  });
});
