// Says at the end of a run how long each file of tests took, its preparation included: what to look at when a run is long.
import { counted } from "../../../model/ground/words";

interface Spent {
  file: string;
  tests: number;
  /** Seconds. */
  time: number;
}

const spent: Spent[] = [];
let since = process.hrtime.bigint();

export const mochaHooks = {
  afterEach(this: Mocha.Context): void {
    const file = /([^/]+)\.test\.ts$/.exec(this.currentTest?.file ?? "")?.[1] ?? "elsewhere";
    const now = process.hrtime.bigint();
    // What passed since the test before is this one's, and, of a file's first, the preparation too.
    const time = Number(now - since) / 1e9;
    since = now;
    const last = spent.at(-1);
    if (last?.file === file) {
      last.tests += 1;
      last.time += time;
    } else {
      spent.push({ file, tests: 1, time });
    }
  },
  afterAll(): void {
    const lines = spent
      .sort((a, b) => b.time - a.time)
      .map(({ file, tests, time }) => `${time.toFixed(1).padStart(8)} s  ${file} (${counted(tests, "test")})`);
    process.stdout.write(`\n  How long each file took:\n${lines.join("\n")}\n`);
  },
};
