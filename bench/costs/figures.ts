/** What was measured with the guard, and the same without it. Seconds. */
export interface Pair {
  guarded: number[];
  plain: number[];
}

export const ways = ["guarded", "plain"] as const satisfies readonly (keyof Pair)[];

/** Both ways, neither of which is always the first. */
export function inTurn(round: number): readonly (keyof Pair)[] {
  return round % 2 === 0 ? ways : [...ways].reverse();
}

export const noPair = (): Pair => ({ guarded: [], plain: [] });

/** The value that a part of all are not above. @param part 0.5 for the median */
export function quantile(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * part) - 1)]!;
}

const parts = [0.5, 0.95];

/** The headings of `cellsOf`. */
export const headings = ["× p50", "× p95", "p50 adds, ms", "guarded, ms", "without, ms", "each"];

/**
 * How many times as long the guarded one took, what its median adds, how long both took, p50 and p95, and how many of each
 * there were.
 */
export function cellsOf({ guarded, plain }: Pair): string[] {
  const both = (values: number[]) => parts.map((part) => milliseconds(quantile(values, part))).join(", ");
  return [
    ...parts.map((part) => (quantile(guarded, part) / quantile(plain, part)).toFixed(2)),
    milliseconds(quantile(guarded, 0.5) - quantile(plain, 0.5)),
    both(guarded),
    both(plain),
    `${guarded.length}`,
  ];
}

function milliseconds(seconds: number): string {
  const value = seconds * 1000;
  return value.toFixed(Math.abs(value) < 100 ? 2 : 0);
}
