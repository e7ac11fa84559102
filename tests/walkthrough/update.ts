import { Problem, Step, WalkthroughError } from "./step";

/** An output that was seen in the place of the one that a document shows. */
export interface Change {
  step: Step;
  output: string[];
}

/**
 * A document with other outputs; all else stays, so kinds that vary still do.
 * @param document its name, for reports
 * @throws WalkthroughError for outputs that no console block can hold
 */
export function rewriteOutputs(document: string, markdown: string, changes: Change[]): string {
  const problems = changes.flatMap(problemsOf);
  if (problems.length > 0) throw new WalkthroughError(document, problems);
  const lines = markdown.split("\n");
  // From the last to the first, so that the places of the others stay what they are.
  for (const { step, output } of [...changes].sort((one, other) => other.step.line - one.step.line)) {
    const { from, to } = step.place;
    lines.splice(from, to - from, ...output.map((line) => `${step.indent}${line}`.trimEnd()));
  }
  return lines.join("\n");
}

function problemsOf({ step, output }: Change): Problem[] {
  const unfit = output.find((line, index) => /^\$ |^\s*(```|~~~)/.test(line) || (index === 0 && /^>( |$)/.test(line)));
  if (unfit !== undefined) {
    return [
      { line: step.line, text: `the output's line "${unfit}" would be read as a command or as the block's end.` },
    ];
  }
  return output.length > 0
    ? []
    : [{ line: step.line, text: "the command shows nothing any more. Take its output out." }];
}
