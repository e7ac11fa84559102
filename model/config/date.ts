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
