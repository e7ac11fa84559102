import { findVarying, Kind } from "./kinds";

/** Stands for anything within a line, and by itself on a line for any number of lines. */
export const anything = "…";

/** Where an output leaves what a document shows: the first lines of both that do not go together, counted from 0. */
export interface Difference {
  /** @default the document shows no further line */
  expected?: number;
  /** @default there was no further line */
  actual?: number;
}

/** Whether an output is what a document shows, but for the kinds of values that vary. */
export function matches(expected: string[], actual: string[], varying: readonly Kind[]): boolean {
  return firstDifference(expected, actual, varying) === undefined;
}

/**
 * Compares an output with what a document shows, line by line:
 * - `…` stands for anything within a line, and alone on a line for any number of lines;
 * - a value of a varying kind stands for every value of that kind;
 * - a varying value makes columns wider or narrower: in its line, runs of spaces count as one space, and in the lines
 *   above and below it, up to an empty one, two or more spaces between words count as two or more;
 * - blanks at the end of lines, and empty lines at the end, do not count.
 * All else has to be the same.
 */
export function firstDifference(
  expected: string[],
  actual: string[],
  varying: readonly Kind[],
): Difference | undefined {
  const shown = linePatterns(withoutEnd(expected), varying);
  const seen = withoutEnd(actual);
  let [e, a] = [0, 0];
  // Where to go on when what follows an ellipsis does not fit: it then stands for one line more.
  let retry: { e: number; a: number } | undefined;
  // Of all that did not fit, what came after the most lines that did.
  let furthest: Difference = {};
  let fitting = -1;
  while (e < shown.length || a < seen.length) {
    const pattern = shown[e];
    if (pattern === "any lines") {
      retry = { e: ++e, a };
      continue;
    }
    if (pattern !== undefined && a < seen.length && pattern(seen[a]!)) {
      [e, a] = [e + 1, a + 1];
      continue;
    }
    if (e >= fitting) {
      fitting = e;
      furthest = { ...(e < shown.length ? { expected: e } : {}), ...(a < seen.length ? { actual: a } : {}) };
    }
    if (retry === undefined || retry.a >= seen.length) return furthest;
    retry.a++;
    [e, a] = [retry.e, retry.a];
  }
  return undefined;
}

type LinePattern = "any lines" | ((line: string) => boolean);

function linePatterns(lines: string[], varying: readonly Kind[]): LinePattern[] {
  const flexible = inTablesThatVary(lines, varying);
  return lines.map((line, index) => {
    if (line.trim() === anything) return "any lines";
    if (varies(line, varying)) {
      const pattern = new RegExp(`^${sourceOf(oneSpace(line), varying)}$`, "u");
      return (seen) => pattern.test(oneSpace(seen));
    }
    const pattern = new RegExp(`^${sourceOf(line, [])}$`, "u");
    if (!flexible[index]) return (seen) => pattern.test(seen);
    const padded = new RegExp(`^${sourceOf(evenPadding(line), [])}$`, "u");
    return (seen) => padded.test(evenPadding(seen));
  });
}

/** For each line whether it stands, without an empty line between, beside one that holds a varying value. */
function inTablesThatVary(lines: string[], varying: readonly Kind[]): boolean[] {
  const flexible = lines.map((line) => varies(line, varying));
  const spread = (index: number, from: number): void => {
    if (lines[index] !== "" && flexible[from] === true) flexible[index] = true;
  };
  for (let index = 1; index < lines.length; index++) spread(index, index - 1);
  for (let index = lines.length - 2; index >= 0; index--) spread(index, index + 1);
  return flexible;
}

function varies(line: string, varying: readonly Kind[]): boolean {
  return findVarying(line, varying).length > 0;
}

/** Source of the expression for the lines that a shown one stands for. */
function sourceOf(line: string, varying: readonly Kind[]): string {
  let source = "";
  let from = 0;
  for (const { start, end, like } of findVarying(line, varying)) {
    source += `${literal(line.slice(from, start))}(?:${like})`;
    from = end;
  }
  return source + literal(line.slice(from));
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll(anything, ".*");
}

function oneSpace(line: string): string {
  return line.replace(/ +/g, " ");
}

/** Two spaces for every run of more between words; what a line begins with stays. */
function evenPadding(line: string): string {
  return line.replace(/(?<=\S) {2,}/g, "  ");
}

function withoutEnd(lines: string[]): string[] {
  const trimmed = lines.map((line) => line.trimEnd());
  return trimmed.slice(0, trimmed.findLastIndex((line) => line !== "") + 1);
}
