// Does not prove how a terminal shows the lines: it looks at what is written.
import assert from "node:assert/strict";
import { formatSeconds, Progress, type Report } from "../../../lab/progress";

/** Time that passes when a test says so; in place of this process's clock and intervals. */
class FakeTime {
  private now = 0;
  private readonly intervals = new Map<object, { every: number; call: () => void }>();
  private readonly real = {
    now: Date.now,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
  };

  install(): void {
    Date.now = () => this.now;
    globalThis.setInterval = ((call: () => void, every: number) => {
      const timer = { unref: () => timer };
      this.intervals.set(timer, { every, call });
      return timer;
    }) as unknown as typeof setInterval;
    globalThis.clearInterval = ((timer: object) => this.intervals.delete(timer)) as unknown as typeof clearInterval;
  }

  restore(): void {
    Date.now = this.real.now;
    globalThis.setInterval = this.real.setInterval;
    globalThis.clearInterval = this.real.clearInterval;
  }

  /** Intervals that begin at another time than 0 are called as if they had begun then: the tests need no more. */
  pass(milliseconds: number): void {
    for (const end = this.now + milliseconds; this.now < end;) {
      this.now += 10;
      for (const { every, call } of this.intervals.values()) {
        if (this.now % every === 0) {
          call();
        }
      }
    }
  }
}

const erase = "\r\u001b[2K";

describe("progress", () => {
  let written: string[];
  let time: FakeTime;
  const output = (isTTY: boolean, columns?: number) => ({
    isTTY,
    columns,
    write: (text: string) => written.push(text),
  });

  beforeEach(() => {
    written = [];
    time = new FakeTime();
    time.install();
  });
  afterEach(() => time.restore());

  it("writes a line at the start, every 30 s and at the end when it is not on a terminal", async () => {
    const progress = new Progress(output(false));
    const result = await progress.step(
      "building",
      async (report) => {
        report("1 of 2");
        time.pass(29_000);
        report("2 of 2");
        time.pass(36_000);
        return "built";
      },
      { typicalSeconds: 90 },
    );
    assert.equal(result, "built");
    assert.deepEqual(written, [
      "building … (usually 1 min 30 s)\n",
      "building: 2 of 2, 30 s (usually 1 min 30 s)\n",
      "building: 2 of 2, 1 min 00 s (usually 1 min 30 s)\n",
      "building: done, 1 min 05 s\n",
    ]);
    time.pass(60_000);
    assert.equal(written.length, 4, "nothing is written when nothing runs");
  });

  it("keeps one line up to date on a terminal, no wider than that", async () => {
    const progress = new Progress(output(true, 20));
    await progress.step("building", async (report) => {
      report("a detail that is long");
      time.pass(250);
    });
    assert.deepEqual(written, [
      `${erase}building, 0.0 s`,
      `${erase}building: a detail `,
      `${erase}building: done, 0.3 s\n`,
    ]);
  });

  it("sets steps inside others in, and counts the outer ones alone", async () => {
    const progress = new Progress(output(false));
    await progress.step("tools", async (_, inner) => {
      await inner.step("envoy", async () => time.pass(2000));
      inner.note("noted");
    });
    await progress.step("boot", async () => time.pass(500));
    assert.deepEqual(written, [
      "tools …\n",
      "  envoy …\n",
      "  envoy: done, 2.0 s\n",
      "  noted\n",
      "tools: done, 2.0 s\n",
      "boot …\n",
      "boot: done, 0.5 s\n",
    ]);
    assert.deepEqual(progress.phases(), [
      { title: "tools", seconds: 2 },
      { title: "boot", seconds: 0.5 },
    ]);
  });

  it("says that a step failed and passes the failure on", async () => {
    const progress = new Progress(output(false));
    const failure = new Error("no");
    await assert.rejects(
      progress.step("building", () => Promise.reject(failure)),
      failure,
    );
    assert.deepEqual(written, ["building …\n", "building: failed, 0.0 s\n"]);
    assert.equal(progress.phases().length, 1);
  });

  it("tells of several steps at the same time", async () => {
    const progress = new Progress(output(false));
    const ends: (() => void)[] = [];
    const waiting = (_: Report) => new Promise<void>((resolve) => ends.push(resolve));
    const steps = ["a", "b"].map((title) => progress.step(title, waiting));
    time.pass(30_000);
    ends[0]!();
    await steps[0];
    time.pass(30_000);
    ends[1]!();
    await steps[1];
    assert.deepEqual(written, [
      "a …\n",
      "b …\n",
      "a, 30 s\n",
      "b, 30 s\n",
      "a: done, 30 s\n",
      "b, 1 min 00 s\n",
      "b: done, 1 min 00 s\n",
    ]);
  });

  it("writes seconds as a reader takes them in", () => {
    assert.deepEqual([0, 0.04, 9.94, 9.95, 59.4, 59.6, 61, 3600].map(formatSeconds), [
      "0.0 s",
      "0.0 s",
      "9.9 s",
      "10 s",
      "59 s",
      "1 min 00 s",
      "1 min 01 s",
      "60 min 00 s",
    ]);
  });
});
