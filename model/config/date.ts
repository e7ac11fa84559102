/** A date and whether it is over, or what is wrong with it: the value as far as it can be told in the author's form. */
export type DateCheck =
  { date: string; isOver: boolean } | { value: unknown; problem: string; allowed?: string; fix?: string };

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
    return { value: written, problem: "Not a date", allowed: form, fix: "write the day, its year first" };
  }
  const time = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 10) !== date) {
    return { value: date, problem: "No such day in the calendar", allowed: form };
  }
  return { date, isOver: date < dayIn(now) };
}

/**
 * When a rule ends: its last day as `checkLastDay` takes it, or the moment at which it ends, to the second and in UTC,
 * as `2027-06-30T14:00:00Z`. Midnight is a day's form: YAML readers do not tell the two apart.
 *
 * @param now the moment that it is held against
 */
export function checkEnd(written: unknown, now: Date): DateCheck {
  const parts = momentOf(written);
  if (parts === undefined) {
    const check = checkLastDay(written, now);
    return "allowed" in check ? { ...check, allowed: `${form}, or a moment in UTC as 2027-06-30T14:00:00Z` } : check;
  }
  const [day, time] = parts;
  const check = checkLastDay(day, now);
  if ("problem" in check) {
    return check;
  }
  const date = `${day}T${time}Z`;
  return Number.isNaN(Date.parse(date))
    ? { value: date, problem: "No such time of the day", allowed: "00:00:01 to 23:59:59" }
    : { date, isOver: endOf(date) <= now };
}

/** The last second that a moment is written for, in four digits of a year. */
const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59);

/** The moment from which a rule holds no longer: midnight in UTC after its last day, or the moment that it says itself. */
export function endOf(expires: string): Date {
  const midnight = () => Date.parse(`${expires}T00:00:00Z`) + 24 * 60 * 60 * 1000;
  return expires.includes("T") ? new Date(expires) : new Date(Math.min(midnight(), lastMoment));
}

/** A moment as configuration and Envoy write it: in UTC, without parts of a second. */
export function momentText(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, "Z");
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

/** Day and time of a moment that is no midnight. */
function momentOf(written: unknown): [day: string, time: string] | undefined {
  const text = written instanceof Date && !Number.isNaN(written.getTime()) ? written.toISOString() : written;
  if (typeof text !== "string" || dayOf(text) !== undefined) {
    return undefined;
  }
  const form = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.0+)?(?:Z|\+00:00| \+0000 UTC)$/;
  const [, day, time] = form.exec(text) ?? [];
  return day === undefined || time === undefined ? undefined : [day, time];
}
