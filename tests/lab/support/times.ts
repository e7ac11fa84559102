// Says at the end of a run how long each file of tests took, its preparation included: what to look at when a run is long.
import { counted } from "../../../model/ground/words";

/** Seconds, its clean-up included, by file. */
const spent = new Map<string, { tests: number; time: number }>();

export const mochaHooks = {
  beforeAll(this: Mocha.Context): void {
    let since = performance.now();
    for (const suite of this.test!.parent!.suites) {
      // Behind the file's own hooks, so that its clean-up is its own too.
      suite.afterAll(() => {
        const now = performance.now();
        const file = /([^/]+)\.test\.ts$/.exec(suite.file ?? "")?.[1] ?? "elsewhere";
        const { tests, time } = spent.get(file) ?? { tests: 0, time: 0 };
        spent.set(file, { tests: tests + suite.total(), time: time + (now - since) / 1000 });
        since = now;
      });
    }
  },
  afterAll(): void {
    const lines = [...spent]
      .sort(([, a], [, b]) => b.time - a.time)
      .map(([file, { tests, time }]) => `${time.toFixed(1).padStart(8)} s  ${file} (${counted(tests, "test")})`);
    process.stdout.write(`\n  How long each file took:\n${lines.join("\n")}\n`);
  },
};
