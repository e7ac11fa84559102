/** How long a connection to a host may last in certain states. */
export interface Timeouts {
  /**
   * Without a byte in either direction, over https and on ports of a destination's own; over http without a request that is
   * under way: a stream or a WebSocket that is open stays open.
   * @default "1h", which is Envoy's
   */
  idle?: Duration;
  /** Until a host has accepted a connection of the gateway's. @default "5s" */
  connect?: Duration;
  /** For a whole request over http, from its end to the end of the answer, a stream too. @default as long as it takes */
  request?: Duration;
}

/** A time in whole hours, minutes or seconds, in the greatest of them that takes no fraction: `2h`, `90m`, `45s`. */
export type Duration = `${number}${Unit}`;

type Unit = keyof typeof units;

const units = { h: 3600, m: 60, s: 1 } as const;

/** What Envoy does where nothing is said. */
export const defaultIdle: Duration = "1h";

/** A lost packet or two, which TCP sends again after 1 s and 3 s. */
export const defaultConnect: Duration = "5s";

/**
 * How long a gateway goes on with connections that were opened under policies which have changed since, as when a rule goes,
 * before it closes them: Istio's own default, said so that no mesh has it otherwise.
 */
export const defaultDrain: Duration = "45s";

interface Limit {
  most: Duration;
  /** What is wrong with more of it, and with none. */
  more: string;
  none: string;
  fixOfNone: Duration;
}

const drainLimit: Limit = {
  most: "1h",
  more: "Longer than connections may go on whose rule has gone",
  none: "Every update would cut off what is open at once",
  fixOfNone: "1s",
};

/** The most of each, and what is wrong with more of it, and with none. */
const limits: Record<keyof Timeouts, Limit> = {
  // What a pod has left open whose node is gone is closed then.
  idle: {
    most: "24h",
    more: "Longer than a gateway keeps a silent connection",
    none: "A connection that is never closed would outlive pods that are gone",
    fixOfNone: "24h",
  },
  connect: {
    most: "60s",
    more: "Longer than applications wait for a host that does not answer",
    none: "No host accepts a connection in no time",
    fixOfNone: "1s",
  },
  request: {
    most: "24h",
    more: "Longer than a gateway waits for an answer",
    none: "No host answers in no time",
    fixOfNone: "1s",
  },
};

/** What may be said of a destination's connections. */
export const timeoutKinds = Object.keys(limits) as (keyof Timeouts)[];

/** Reads one of a destination's timeouts, or says what is wrong with it. */
export function checkTimeout(kind: keyof Timeouts, written: unknown): CheckedTime {
  const examples = kind === "connect" ? "whole seconds, as 10s" : "whole hours, minutes or seconds, as 2h, 90m or 45s";
  return checkTime(written, limits[kind], examples);
}

/** Reads how long a gateway drains, or says what is wrong with it. */
export function checkDrain(written: unknown): CheckedTime {
  return checkTime(written, drainLimit, "whole minutes or seconds, as 10m or 45s");
}

type CheckedTime = { time: Duration } | { problem: string; allowed: string; fix?: string };

function checkTime(written: unknown, { most, more, none, fixOfNone }: Limit, examples: string): CheckedTime {
  const allowed = `1s to ${most}, in ${examples}`;
  const [, digits, unit] = /^(\d{1,9})([hms]?)$/.exec(String(written)) ?? [];
  if (digits === undefined || unit === undefined) {
    return {
      problem: "Not a time",
      allowed,
      fix: "write a time, or remove it",
      ...fixOfForm(written, secondsOf(most)),
    };
  }
  const seconds = Number(digits) * (unit === "" ? 1 : units[unit as Unit]);
  const inRange = seconds >= 1 && seconds <= secondsOf(most);
  if (unit === "") {
    return {
      problem: "A time has a unit",
      allowed,
      fix: inRange ? `write "${durationOf(seconds)}"` : seconds === 0 ? `write "${fixOfNone}"` : `write "${most}"`,
    };
  }
  return inRange
    ? { time: durationOf(seconds) }
    : seconds === 0
      ? { problem: none, allowed, fix: `write "${fixOfNone}"` }
      : { problem: more, allowed, fix: `write "${most}"` };
}

/** The time that is meant by days, fractions, milliseconds or several units; a part of a second is a whole one. */
function fixOfForm(written: unknown, most: number): { fix?: string } {
  const text = String(written).trim().toLowerCase();
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|sec|m|min|h|d)(?![a-z])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text.replace(/(?<=[a-z])\s+(?=\d)/g, "")) {
    return {};
  }
  const sizes: Record<string, number> = { ms: 0.001, s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86400 };
  const seconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * sizes[unit!]!, 0);
  return { fix: `write "${durationOf(Math.min(most, Math.max(1, Math.ceil(seconds))))}"` };
}

/** Reads a time of a minute at least, in whole hours or minutes. */
export function checkSpan(written: unknown): { span: Duration } | { problem: string } {
  const [, digits, unit] = /^(\d{1,6})([hm])$/.exec(String(written)) ?? [];
  const seconds = Number(digits) * (unit === undefined ? 1 : units[unit as Unit]);
  if (digits === undefined || unit === undefined) {
    return { problem: "a time is in whole hours or minutes" };
  }
  return seconds === 0 ? { problem: "a time is a minute at least" } : { span: durationOf(seconds) };
}

export function secondsOf(duration: Duration): number {
  return parseInt(duration, 10) * units[duration.slice(-1) as Unit];
}

function durationOf(seconds: number): Duration {
  const unit = (Object.keys(units) as Unit[]).find((name) => seconds % units[name] === 0)!;
  return `${seconds / units[unit]}${unit}`;
}

/** The longest of these times that is longer than the default; undefined where the default is enough for all. */
export function longestIdle(each: Iterable<Timeouts | undefined>): Duration | undefined {
  const longest = [...each].reduce((most, timeouts) => Math.max(most, secondsOf(timeouts?.idle ?? defaultIdle)), 0);
  return longest > secondsOf(defaultIdle) ? durationOf(longest) : undefined;
}
