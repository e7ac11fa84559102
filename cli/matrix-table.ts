import { placeOfRule } from "../model/config/problem";
import { sortedBy } from "../model/ground/order";
import { PortProtocol, portProtocols, protocols } from "../model/ground/protocols";
import { mostRows, notAsked, rowsText, seenText } from "./asked";
import { columns } from "./columns";
import { Cell } from "./matrix";

/** The matrix as text: its rows, or of a long one its sums by workload and the rows that are wrong; then a sentence. */
export function matrixText(cells: readonly Cell[]): string {
  return rowsText({
    rows: rowsOf(cells),
    isWrong: (row) => row.some(({ ok }) => ok === false),
    ...{ table, sums: () => sums(cells), summary: matrixSummary(cells) },
  });
}

/** A row for each workload and host, and for each other port of the host, wanted against seen for each protocol. */
export function matrixTable(cells: readonly Cell[]): string {
  return table(rowsOf(cells));
}

/** One sentence on the whole matrix. */
export function matrixSummary(cells: readonly Cell[]): string {
  if (cells.length === 0) {
    return "No call is in this part of the matrix.";
  }
  const wrong = cells.filter((cell) => cell.ok === false).length;
  const allowed = cells.filter((cell) => cell.verdict.expected === "allow").length;
  const observed = cells.filter((cell) => cell.verdict.expected === "observe").length;
  const reported = cells.filter((cell) => cell.verdict.expected === "report").length;
  const denied = cells.length - allowed - reported - observed;
  const passing = [
    ...(reported === 0 ? [] : [`${reported} to be let pass by rules in report mode`]),
    ...(observed === 0 ? [] : [`${observed} to be let pass and observed`]),
  ];
  const wanted =
    passing.length === 0
      ? `${cells.length} calls, ${allowed} to be allowed and ${denied} to be denied`
      : `${cells.length} calls, ${allowed} to be allowed, ${passing.join(", ")}, and ${denied} to be denied`;
  const unasked = cells.filter((cell) => cell.ok === null).length;
  if (unasked === cells.length) {
    return `${wanted}.`;
  }
  const rest = unasked === 0 ? "" : `; ${unasked} ${unasked === 1 ? "was" : "were"} not asked, marked ${notAsked}`;
  return wrong === 0
    ? `${wanted}: the mesh agrees on every one${unasked === 0 ? "" : " that was asked"}${rest}.`
    : `${wanted}: the mesh disagrees on ${wrong}, marked ✘${rest}.`;
}

/** The cells of each workload and host, and of each other port of the host, sorted. */
export function rowsOf(cells: readonly Cell[]): Cell[][] {
  const rows = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = `${cell.verdict.from} ${placeOf(cell)}`;
    const row = rows.get(key);
    if (row === undefined) {
      rows.set(key, [cell]);
    } else {
      row.push(cell);
    }
  }
  return sortedBy(rows, ([key]) => key).map(([, row]) => row);
}

/** A host, and the port of a row of its own. */
export function placeOf({ verdict: { host, port } }: Cell): string {
  return port === undefined ? host : `${host}:${port}`;
}

/** TCP has a column where a row has it. */
function table(rows: readonly Cell[][]): string {
  const hasTcp = rows.some((row) => row.some(({ verdict }) => verdict.protocol === "tcp"));
  const shown: readonly PortProtocol[] = hasTcp ? portProtocols : protocols;
  return columns()([
    ["FROM", "HOST", ...shown.map((protocol) => protocol.toUpperCase()), "RULE"],
    ...rows.map((row) => lineOf(row, shown)),
  ]).join("\n");
}

function lineOf(cells: Cell[], shown: readonly PortProtocol[]): string[] {
  const { from } = cells[0]!.verdict;
  const rule = cells.find((cell) => cell.verdict.rule !== undefined)?.verdict.rule;
  const place = rule === undefined ? "" : placeOfRule(rule.path);
  const cellOf = (protocol: PortProtocol) =>
    cells
      .filter((cell) => cell.verdict.protocol === protocol)
      .map((cell) => seenText(cell.verdict.expected, cell))
      .join();
  return [from, placeOf(cells[0]!), ...shown.map(cellOf), rule?.owner === undefined ? place : `${place} ${rule.owner}`];
}

/**
 * A line for each workload, or for each namespace where workloads are too many: how many of its calls are to be allowed,
 * reported, observed and denied, and on how many the mesh disagrees.
 */
function sums(cells: readonly Cell[]): string {
  const byNamespace = new Set(cells.map(({ verdict }) => verdict.from)).size > mostRows;
  const counts = callerSums(cells, (from) => (byNamespace ? from.replace(/\/.*$/, "/*") : from));
  const asked = cells.some(({ ok }) => ok !== null);
  const reports = cells.some(({ verdict }) => verdict.expected === "report");
  const observes = cells.some(({ verdict }) => verdict.expected === "observe");
  const lines = counts.map(({ from, allow, report, observe, deny, wrong }) => [
    from,
    `${allow}`,
    ...(reports ? [`${report}`] : []),
    ...(observes ? [`${observe}`] : []),
    `${deny}`,
    ...(asked ? [wrong === 0 ? "0" : `✘ ${wrong}`] : []),
  ]);
  return columns()([
    [
      "FROM",
      "ALLOWED",
      ...(reports ? ["REPORTED"] : []),
      ...(observes ? ["OBSERVED"] : []),
      "DENIED",
      ...(asked ? ["WRONG"] : []),
    ],
    ...lines,
  ]).join("\n");
}

/** How many of a caller's calls are to be allowed, reported, observed and denied, and on how many the mesh disagrees. */
export interface CallerSum {
  from: string;
  allow: number;
  report: number;
  observe: number;
  deny: number;
  wrong: number;
}

/** The sums of each caller, sorted. @param as what callers are summed up by @default each by itself */
export function callerSums(cells: readonly Cell[], as = (from: string) => from): CallerSum[] {
  const sums = new Map<string, CallerSum>();
  for (const { verdict, ok } of cells) {
    const from = as(verdict.from);
    const sum = sums.get(from) ?? { from, allow: 0, report: 0, observe: 0, deny: 0, wrong: 0 };
    sum[verdict.expected] += 1;
    sum.wrong += ok === false ? 1 : 0;
    sums.set(from, sum);
  }
  return sortedBy(sums.values(), ({ from }) => from);
}
