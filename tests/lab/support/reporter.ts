import * as fs from "node:fs";
import * as path from "node:path";
import { reporters, Runner } from "mocha";
import type { MochaOptions, Suite } from "mocha";
import { counted } from "../../../model/ground/words";

/**
 * Mocha's spec reporter, which also says how long each file took, its preparation and its clean-up included: what to
 * look at when a run is long. What failed goes into the file that LAB_FAILURES names too: a run ends with what taking
 * two labs down prints, and its last lines are what people read first.
 */
class LabReporter extends reporters.Spec {
  /** Seconds by file. */
  private readonly spent = new Map<string, { tests: number; time: number }>();

  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    let since = performance.now();
    runner.on(Runner.constants.EVENT_SUITE_END, (suite: Suite) => {
      if (suite.parent?.root !== true) {
        return;
      }
      const now = performance.now();
      const file = path.basename(suite.file ?? "elsewhere", ".test.ts");
      const { tests, time } = this.spent.get(file) ?? { tests: 0, time: 0 };
      this.spent.set(file, { tests: tests + suite.total(), time: time + (now - since) / 1000 });
      since = now;
    });
    const failures = process.env.LAB_FAILURES;
    if (failures !== undefined) {
      // At once: a run that is ended from outside has told what it saw.
      runner.on(Runner.constants.EVENT_TEST_FAIL, (test, error: Error) => {
        fs.appendFileSync(failures, `- ${test.titlePath().join(" › ")}\n${shortened(String(error.message))}\n`);
      });
    }
  }

  override epilogue(): void {
    super.epilogue();
    const lines = [...this.spent]
      .sort(([, a], [, b]) => b.time - a.time)
      .map(([file, { tests, time }]) => `${time.toFixed(1).padStart(8)} s  ${file} (${counted(tests, "test")})`);
    process.stdout.write(`\n  How long each file took:\n${lines.join("\n")}\n`);
  }
}

/** What the first lines of a message say: where it is long, the whole of it is further up. */
function shortened(message: string): string {
  const lines = message.split("\n").map((line) => `  ${line.length > 200 ? `${line.slice(0, 200)}…` : line}`);
  return [...lines.slice(0, 6), ...(lines.length > 6 ? ["  …"] : [])].join("\n");
}

export = LabReporter;
