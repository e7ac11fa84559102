import assert from "node:assert/strict";
import { ConfigError, ConfigProblem, parseConfig } from "../../../../model";
import { now, soundConfig } from "./sound-config";

/** One way to spoil the sound configuration, and what is said of it. */
export interface Case {
  what: string;
  change: Record<string, unknown>;
  /** Paths without the project's prefix, in order. */
  at: string[];
  /** What the report says. */
  says: RegExp;
}

/** What is wrong with the sound configuration after a change; nothing when it is sound still. */
export function problemsOf(change: Record<string, unknown>, encrypted: string[] = []): readonly ConfigProblem[] {
  try {
    parseConfig({ ...soundConfig(), ...change }, { now, encrypted });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return [];
}

/** Tests that each change is refused at these places, at no others, and in these words. */
export function itRefuses(cases: Case[]): void {
  for (const { what, change, at, says } of cases) {
    it(`${what} is refused at ${at.join(" and ")}`, () => {
      const problems = problemsOf(change);
      assert.deepEqual(
        problems.map(({ path }) => path),
        at.map((path) => `istio-egress:${path}`),
      );
      assert.match(new ConfigError(problems).message, says);
    });
  }
}
