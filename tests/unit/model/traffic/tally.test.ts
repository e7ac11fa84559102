// Calls added up in any order, with clocks that differ, and with more names than anybody has.
import assert from "node:assert/strict";
import { RecordedCall, Tally } from "../../../../model/traffic";

const now = Date.parse("2026-11-22T12:00:00Z");
const hour = 3_600_000;

function call(changes: Partial<RecordedCall> = {}): RecordedCall {
  const base = { calls: 1, identity: "a", protocol: "https", host: "x.example", outcome: "passed" } as const;
  return { ...base, first: changes.last, ...changes };
}

describe("a tally of calls", () => {
  it("finds the first and the last of calls in any order", () => {
    const tally = new Tally({ now });
    [3, 1, 2].forEach((hours) => tally.add(call({ last: now - hours * hour })));
    const [{ calls, first, last }, ...rest] = tally.counted() as [ReturnType<Tally["counted"]>[0]];
    assert.deepEqual([calls, first, last, rest], [3, now - 3 * hour, now - hour, []]);
  });

  it("has no call's first time after its last, whatever a line says", () => {
    const tally = new Tally({ now });
    tally.add(call({ first: now - hour, last: now - 2 * hour }));
    assert.deepEqual(
      tally.counted().map(({ first, last }) => [first, last]),
      [[now - 2 * hour, now - 2 * hour]],
    );
  });

  it("takes a time in the future for now, says so, and takes a clock that is minutes ahead as it is", () => {
    const tally = new Tally({ now });
    tally.add(call({ last: now + 24 * hour }));
    tally.add(call({ last: now + 60_000, host: "y.example" }));
    assert.deepEqual([tally.numbers.future, tally.numbers.latest, tally.numbers.calls], [1, now + 24 * hour, 2]);
    assert.deepEqual(
      tally.counted().map(({ last }) => last),
      [now, now],
    );
  });

  it("leaves out what is earlier than asked for, and counts what has no time", () => {
    const tally = new Tally({ now, since: now - hour });
    tally.add(call({ last: now - 2 * hour }));
    tally.add(call({}));
    assert.deepEqual([tally.numbers.earlier, tally.numbers.timeless, tally.numbers.calls], [1, 1, 1]);
    assert.deepEqual([tally.counted()[0]!.first, tally.counted()[0]!.last], [undefined, undefined]);
  });

  it("tells callers, hosts, ports, protocols and outcomes apart", () => {
    const tally = new Tally({ now });
    const different: Partial<RecordedCall>[] = [
      {},
      { identity: "b" },
      { identity: undefined },
      { host: "y.example" },
      { port: 8443 },
      { protocol: "http" },
      { outcome: "refused" },
    ];
    [...different, ...different].forEach((changes) => tally.add(call(changes)));
    assert.deepEqual(
      tally.counted().map(({ calls }) => calls),
      different.map(() => 2),
    );
  });

  it("holds no more different calls than its limit, and goes on counting those it knows", () => {
    const tally = new Tally({ now, most: 100 });
    for (let index = 0; index < 110; index++) {
      tally.add(call({ host: `h${index}.example` }));
    }
    tally.add(call({ host: "h0.example" }));
    assert.deepEqual([tally.counted().length, tally.numbers.beyond, tally.numbers.calls], [100, 10, 101]);
  });
});
