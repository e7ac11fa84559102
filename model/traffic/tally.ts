import { dayIn } from "../config/date";
import { RecordedCall } from "./recorded";

/** Calls of one caller to one place that had one outcome, added up. */
export type CountedCall = Required<Pick<RecordedCall, "calls" | "outcome" | "protocol" | "host">> &
  Pick<RecordedCall, "identity" | "port"> & {
    /** Milliseconds since 1970; undefined where no line had a time. */
    first?: number;
    last?: number;
  };

/** What was read, in numbers. */
export interface TallyNumbers {
  /** Calls that count. */
  calls: number;
  /** Calls from before the time that was asked for. */
  earlier: number;
  /** Calls whose time is in the future; their time counts as now. */
  future: number;
  /** The latest of these times. */
  latest?: number;
  /** Calls of which no time is known. */
  timeless: number;
  /** Calls beyond the limit on different ones: they are counted here only. */
  beyond: number;
}

export interface TallyOptions {
  /** Milliseconds since 1970. */
  now: number;
  /** Calls before it are left out; milliseconds since 1970. @default none is */
  since?: number;
  /** Different calls that are told apart at most. @default mostDifferent */
  most?: number;
}

/** Different calls that are told apart at most: names come from callers, and one may ask for a new one each time. */
export const mostDifferent = 100_000;

/** How far a clock may be ahead of this one before its time is called the future. Milliseconds. */
const aheadAtMost = 5 * 60_000;

/**
 * Adds up calls in any order. What it keeps grows with the different calls, up to a limit, and never with their number.
 */
export class Tally {
  readonly numbers: TallyNumbers = { calls: 0, earlier: 0, future: 0, timeless: 0, beyond: 0 };
  private readonly byKey = new Map<string, CountedCall>();

  constructor(private readonly options: TallyOptions) {}

  add({ first, last, calls, ...call }: RecordedCall): void {
    const { now, since, most = mostDifferent } = this.options;
    const { numbers } = this;
    if (last !== undefined && last > now + aheadAtMost) {
      numbers.future += calls;
      numbers.latest = Math.max(numbers.latest ?? 0, last);
    } else if (last === undefined) {
      numbers.timeless += calls;
    } else if (since !== undefined && last < since) {
      numbers.earlier += calls;
      return;
    }
    const key = `${call.identity ?? ""} ${call.protocol} ${call.port ?? ""} ${call.outcome} ${call.host}`;
    let counted = this.byKey.get(key);
    if (counted === undefined) {
      if (this.byKey.size >= most) {
        numbers.beyond += calls;
        return;
      }
      counted = { ...call, calls: 0 };
      this.byKey.set(key, counted);
    }
    numbers.calls += calls;
    counted.calls += calls;
    if (last !== undefined) {
      counted.first = Math.min(counted.first ?? Infinity, first ?? last, last, now);
      counted.last = Math.max(counted.last ?? 0, Math.min(last, now));
    }
  }

  /** In the order in which they came first. */
  counted(): CountedCall[] {
    return [...this.byKey.values()];
  }
}

/** The span of several, and their calls together. */
export function together(
  calls: Iterable<Pick<CountedCall, "calls" | "first" | "last">>,
): Pick<CountedCall, "calls" | "first" | "last"> {
  const sum: Pick<CountedCall, "calls" | "first" | "last"> = { calls: 0 };
  for (const { calls: count, first, last } of calls) {
    sum.calls += count;
    sum.first = first === undefined ? sum.first : Math.min(sum.first ?? Infinity, first);
    sum.last = last === undefined ? sum.last : Math.max(sum.last ?? 0, last);
  }
  return sum;
}

/** The days in UTC of the first and of the last call: one where they are the same, none where no line told. */
export function daysOf({ first, last }: Pick<CountedCall, "first" | "last">): string[] {
  return first === undefined || last === undefined
    ? []
    : [...new Set([first, last].map((time) => dayIn(new Date(time))))];
}

/** How often, as `14 calls`, or of another word for one. */
export function callsText({ calls, what = "call" }: Pick<CountedCall, "calls"> & { what?: string }): string {
  return calls === 1 ? `1 ${what}` : `${calls} ${what}s`;
}
