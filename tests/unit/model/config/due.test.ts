// Reviews of rules, and warnings of what is due.
// Does not prove: that whoever is named has looked.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { checkReview, monthsAfter } from "../../../../model/config/date";
import { dueWarnings } from "../../../../model/config/expired";
import { ConfigError } from "../../../../model/config/problem";
import { now, soundConfig } from "./sound-config";

function withRule(changes: Record<string, unknown>) {
  return parseConfig({ ...soundConfig(), allow: [{ from: "test-app/app-a", to: "github", ...changes }] }, { now });
}

const warnings = (changes: Record<string, unknown>) =>
  dueWarnings(withRule(changes), now).map(({ path, problem }) => [path, problem]);

describe("a rule's review", () => {
  it("is a day and a name", () => {
    assert.equal(withRule({ reviewed: "2026-09-01 by alice" }).allow[0]!.reviewed, "2026-09-01 by alice");
    assert.deepEqual(checkReview(" 2026-11-22 by Anders And ", now), { reviewed: "2026-11-22 by Anders And" });
  });

  for (const [written, problem] of [
    ["2026-09-01", /Not a day and who/],
    ["2026-09-01 00:00:00 +0000 UTC", /Not a day and who/],
    ["alice", /Not a day and who/],
    ["2026-02-30 by alice", /No such day/],
    ["2026-11-23 by alice", /to come: today is 2026-11-22/],
    ["2026-09-01 by alice and bob", /Two reviewers/],
    ["2026-09-01 by alice, bob", /Two reviewers/],
    ["2026-09-01 by alice by bob", /Two reviewers/],
  ] as const) {
    it(`is refused as ${written}`, () => {
      assert.throws(
        () => withRule({ reviewed: written }),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.deepEqual(
            error.problems.map(({ path }) => path),
            ["istio-egress:allow[0].reviewed"],
          );
          assert.match(error.problems[0]!.problem, problem);
          return true;
        },
      );
    });
  }

  it("is due after six months, and not a day before", () => {
    assert.deepEqual(warnings({ reviewed: "2026-05-23 by alice" }), []);
    assert.deepEqual(warnings({ reviewed: "2026-05-22 by alice" }), [
      ["istio-egress:allow[0].reviewed", "test-app/app-a → github is due for review since 2026-11-22"],
    ]);
    assert.deepEqual(
      [monthsAfter("2026-08-31", 6), monthsAfter("2027-08-31", 6), monthsAfter("2026-01-15", 6)],
      ["2027-02-28", "2028-02-29", "2026-07-15"],
    );
  });
});

describe("a rule's last day", () => {
  it("is warned of from 14 days before until it is over", () => {
    assert.deepEqual(warnings({ expires: "2026-12-07" }), []);
    assert.deepEqual(warnings({ expires: "2026-12-06", owner: "team-a" }), [
      ["istio-egress:allow[0].expires", "test-app/app-a → github ends with 2026-12-06"],
    ]);
    assert.deepEqual(warnings({ expires: "2026-11-22" }), [
      ["istio-egress:allow[0].expires", "test-app/app-a → github ends with today"],
    ]);
    assert.deepEqual(warnings({ expires: "2026-11-21" }), []);
  });
});
