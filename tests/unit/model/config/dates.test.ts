// Last days of rules, in every form in which a YAML reader may give them.
// Does not prove: how a reader treats a date that is no date.
import assert from "node:assert/strict";
import { checkEnd, checkLastDay, endOf, momentText } from "../../../../model/config/date";

const now = new Date("2027-06-30T23:59:59Z");

describe("checkLastDay", () => {
  for (const written of [
    "2027-06-30",
    "2027-06-30T00:00:00Z",
    "2027-06-30T00:00:00.000Z",
    "2027-06-30 00:00:00 +0000 UTC",
    new Date("2027-06-30"),
  ]) {
    it(`takes ${JSON.stringify(written)}, and on that day the rule still holds`, () => {
      assert.deepEqual(checkLastDay(written, now), { date: "2027-06-30", isOver: false });
    });
  }

  it("holds the day against the day in UTC, wherever the clock is", () => {
    const justAfter = new Date("2027-07-01T02:00:00+02:00");
    assert.deepEqual(checkLastDay("2027-06-30", justAfter), { date: "2027-06-30", isOver: true });
  });

  it("knows in every form that a date is over", () => {
    for (const written of ["2027-06-29", "2027-06-29T00:00:00Z", new Date("2027-06-29")]) {
      assert.deepEqual(checkLastDay(written, now), { date: "2027-06-29", isOver: true });
    }
  });

  it("knows leap years", () => {
    assert.deepEqual(checkLastDay("2028-02-29", now), { date: "2028-02-29", isOver: false });
    assert.match((checkLastDay("2029-02-29", now) as { problem: string }).problem, /No such day/);
  });

  for (const written of ["2027-02-30", "2027-13-01", "2027-00-10"]) {
    it(`refuses ${written}, which no calendar has`, () => {
      assert.match((checkLastDay(written, now) as { problem: string }).problem, /No such day/);
    });
  }

  for (const written of [
    "30.6.2027",
    "2027-6-30",
    "2027-06-30T10:00:00Z",
    "tomorrow",
    "",
    20270630,
    true,
    new Date("x"),
    null,
  ]) {
    it(`refuses ${String(written)}, which is no date`, () => {
      assert.match((checkLastDay(written, now) as { problem: string }).problem, /Not a date/);
    });
  }
});

describe("checkEnd", () => {
  const until = (written: unknown, at = new Date("2027-06-30T13:00:00Z")) => checkEnd(written, at);
  const moment = "2027-06-30T14:00:00Z";

  for (const written of [moment, "2027-06-30 14:00:00 +0000 UTC", "2027-06-30T14:00:00.000Z", new Date(moment)]) {
    it(`reads ${String(written)} as a moment`, () => {
      assert.deepEqual(until(written), { date: moment, isOver: false });
    });
  }

  it("is over from its moment on, and a day from midnight after it", () => {
    assert.deepEqual(until(moment, new Date("2027-06-30T13:59:59.999Z")), { date: moment, isOver: false });
    assert.deepEqual(until(moment, new Date(moment)), { date: moment, isOver: true });
    assert.deepEqual(until("2027-06-30", new Date("2027-06-30T23:59:59.999Z")), { date: "2027-06-30", isOver: false });
    assert.deepEqual(until("2027-06-30", new Date("2027-07-01T00:00:00Z")), { date: "2027-06-30", isOver: true });
    assert.equal(momentText(endOf("2027-06-30")), "2027-07-01T00:00:00Z");
    assert.equal(momentText(endOf(moment)), moment);
    assert.equal(momentText(endOf("9999-12-31")), "9999-12-31T23:59:59Z");
  });

  it("takes midnight for the day, as YAML readers write a day so", () => {
    assert.deepEqual(until("2027-06-30T00:00:00Z"), { date: "2027-06-30", isOver: false });
  });

  for (const [written, problem] of [
    ["2027-02-30T10:00:00Z", /No such day/],
    ["2027-06-30T25:00:00Z", /No such time/],
    ["2027-06-30T10:00:00+02:00", /Not a date/],
    ["2027-06-30T10:00Z", /Not a date/],
    ["soon", /Not a date/],
  ] as const) {
    it(`refuses ${written}`, () => {
      assert.match((until(written) as { problem: string }).problem, problem);
    });
  }
});
