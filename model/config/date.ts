/** A date and whether it is over, or what is wrong with it: the value as far as it can be told in the author's form. */
export type DateCheck = { date: string; isOver: boolean } | { value: unknown; problem: string; allowed?: string };

const form = "a date as 2027-06-30";

/**
 * The last day on which a rule holds, as `YYYY-MM-DD`. YAML readers give a date as a text, as midnight in UTC or as a
 * Date object; Pulumi's engine gives a date without quotes as Go prints a time, `2027-06-30 00:00:00 +0000 UTC`.
 *
 * @param now the day in UTC that the date is held against; a rule still holds on its last day
 */
export function checkLastDay(written: unknown, now: Date): DateCheck {
  const date = dayOf(written);
  if (date === undefined) {
    return { value: written, problem: "Not a date", allowed: form };
  }
  const time = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 10) !== date) {
    return { value: date, problem: "No such day in the calendar", allowed: form };
  }
  return { date, isOver: date < dayIn(now) };
}

/** When a rule was reviewed and by whom, in the author's form; or what is wrong with it. */
export type ReviewCheck = { reviewed: string } | { problem: string; allowed?: string; fix?: string };

/** @param now the day in UTC that the date is held against */
export function checkReview(written: string, now: Date): ReviewCheck {
  const [, day, by] = /^(\d{4}-\d{2}-\d{2}) by (\S.*)$/.exec(written.trim()) ?? [];
  if (day === undefined || by === undefined) {
    return { problem: "Not a day and who reviewed the rule on it", allowed: "as 2026-09-01 by alice" };
  }
  const check = checkLastDay(day, now);
  if ("problem" in check) {
    return { problem: check.problem, allowed: "as 2026-09-01 by alice" };
  }
  if (day > dayIn(now)) {
    return { problem: `A review on a day that is to come: today is ${dayIn(now)}`, fix: "write the day of the review" };
  }
  return /[,;&]|\s(and|by)\s/.test(by)
    ? { problem: "Two reviewers, and one answers for a review", fix: "write the one who reviewed it last" }
    : { reviewed: `${day} by ${by}` };
}

/** The same day so many months later; the month's last where it has no such day. */
export function monthsAfter(day: string, months: number): string {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return dayIn(new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))));
}

/** The day in UTC, `YYYY-MM-DD`. */
export function dayIn(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

function dayOf(written: unknown): string | undefined {
  const text = written instanceof Date && !Number.isNaN(written.getTime()) ? written.toISOString() : written;
  if (typeof text !== "string") {
    return undefined;
  }
  return /^(\d{4}-\d{2}-\d{2})([T ]00:00:00(\.0+)?(Z|\+00:00| \+0000 UTC))?$/.exec(text)?.[1];
}
