import { Difference } from "./match";
import { Outcome } from "./session";
import { Step } from "./step";

/** A command that did not do what the document says. */
export class ReplayError extends Error {
  override readonly name = "ReplayError";
}

/** Whatever went otherwise than the document says. */
export interface Failure {
  step: Step;
  outcome: Outcome;
  /** Where the output is another. @default it is as shown, or the document shows none */
  difference?: Difference | undefined;
  /** Seconds over which the command was repeated. @default it was not */
  repeated?: number | undefined;
}

/** Where it happened, what was run, and both outputs with the first lines that differ marked. */
export function describeFailure(document: string, { step, outcome, difference, repeated }: Failure): string {
  const wrong: string[] = [];
  if (outcome.trouble !== undefined) wrong.push(outcome.trouble);
  else if (outcome.exitCode !== step.exit) wrong.push(`It ended with exit code ${outcome.exitCode}, not ${step.exit}.`);
  if (difference !== undefined) wrong.push("Its output is not what the document shows.");
  if (repeated !== undefined) wrong.push(`It was repeated for ${repeated.toFixed(1)} s.`);
  return [
    `${document}:${step.line}: ${wrong.join(" ")}`,
    ...step.command.split("\n").map((line, index) => `  ${index === 0 ? "$" : ">"} ${line}`),
    ...(step.expected === undefined ? [] : listing("expected", step.expected, difference?.expected, difference)),
    ...listing("actual", outcome.output, difference?.actual, difference),
    `exit code: ${outcome.exitCode ?? "none"}`,
  ].join("\n");
}

function listing(title: string, lines: string[], marked: number | undefined, difference?: Difference): string[] {
  const shown = lines.map((line, index) => `${index === marked ? "→" : " "} ${line}`.trimEnd());
  // Where one of the two has more lines, the mark on the other stands behind its end.
  const end = difference !== undefined && marked === undefined ? ["→ (no further line)"] : [];
  return [`${title}:`, ...shown, ...end];
}
