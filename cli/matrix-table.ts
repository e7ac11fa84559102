import { sortedUnique } from "../model/ground/order";
import { columns } from "./columns";
import { Cell } from "./matrix";

/** The matrix as text: a row for each workload and host, wanted against seen for each protocol. */
export function matrixTable(cells: Cell[]): string {
  const rows = sortedUnique(cells.map(rowKey)).map((key) => row(cells.filter((cell) => rowKey(cell) === key)));
  return columns()([["FROM", "HOST", "HTTP", "HTTPS", "RULE"], ...rows]).join("\n");
}

/** One sentence on the whole matrix. */
export function matrixSummary(cells: Cell[]): string {
  const wrong = cells.filter((cell) => cell.ok === false).length;
  const allowed = cells.filter((cell) => cell.verdict.expected === "allow").length;
  const wanted = `${cells.length} calls, ${allowed} to be allowed and ${cells.length - allowed} to be denied`;
  if (cells.every((cell) => cell.ok === null)) {
    return `${wanted}.`;
  }
  return wrong === 0
    ? `${wanted}: the mesh agrees on every one.`
    : `${wanted}: the mesh disagrees on ${wrong}, marked ✘.`;
}

function rowKey({ verdict }: Cell): string {
  return `${verdict.from} ${verdict.host}`;
}

function row(cells: Cell[]): string[] {
  const { from, host } = cells[0]!.verdict;
  const rule = cells.find((cell) => cell.verdict.rule !== undefined)?.verdict.rule;
  const place = rule?.path.replace(/^.*:/, "") ?? "";
  const cellOf = (protocol: string) =>
    cells
      .filter((cell) => cell.verdict.protocol === protocol)
      .map(describeCell)
      .join();
  return [from, host, cellOf("http"), cellOf("https"), rule?.owner === undefined ? place : `${place} ${rule.owner}`];
}

function describeCell({ verdict, seen, ok }: Cell): string {
  return seen === null ? verdict.expected : `${ok ? "✔" : "✘"} ${verdict.expected.padEnd(5)} ${seen}`;
}
