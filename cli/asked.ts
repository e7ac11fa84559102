/** How what the model wants and what the mesh did are printed side by side, of calls and of connections. */

/** Rows that are printed one by one; more are summed up, since nobody would read them. */
export const mostRows = 500;

/** What the model wants of one call or connection, and what the mesh did about it. */
export interface Asked {
  /** What was seen; null where nothing was asked. */
  seen: string | null;
  /** Whether the mesh did what the model wants; null where that is not known. */
  ok: boolean | null;
}

/** Marks what the mesh was not asked, where it was asked others. */
export const notAsked = "–";

/** Whether the mesh did what the model wants, in one sign. */
export function markOf(ok: Asked["ok"]): string {
  return ok === null ? notAsked : ok ? "✔" : "✘";
}

/** What is wanted, and what was seen beside it. */
export function seenText(expected: string, { seen, ok }: Asked): string {
  return seen === null ? expected : `${markOf(ok)} ${expected.padEnd(5)} ${seen}`;
}

/** The parts of a text that tells of many rows. */
export interface Rows<Row> {
  rows: readonly Row[];
  isWrong: (row: Row) => boolean;
  table: (rows: readonly Row[]) => string;
  /** A line for each group of rows. */
  sums: () => string;
  summary: string;
}

/** All rows where they can be read, and otherwise their sums and those that are wrong; then a sentence. */
export function rowsText<Row>({ rows, isWrong, table, sums, summary }: Rows<Row>): string {
  const tableOf = (shown: readonly Row[]) => (shown.length === 0 ? [] : [table(shown), ""]);
  if (rows.length <= mostRows) {
    return [...tableOf(rows), summary].join("\n");
  }
  return [
    sums(),
    "",
    ...tableOf(rows.filter(isWrong).slice(0, mostRows)),
    summary,
    `${rows.length} rows are too many to be read. --from, --to and --denied show some of them, and --json all.`,
  ].join("\n");
}
