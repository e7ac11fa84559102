import { Evidence } from "../../model/report";
import { Cell, toJson } from "../matrix";
import { callerSums } from "../matrix-table";
import { sha256 } from "./inputs";

export const matrixFile = "matrix.csv";

/** Every call of a matrix as CSV; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function matrixCsv(cells: readonly Cell[]): string {
  const rows = cells.map((cell) => {
    const { from, url, expected, seen, ok, rule } = toJson(cell);
    return [from, url, expected, seen, ok, rule].map(csvCell).join(",");
  });
  return ["from,url,expected,seen,agrees,rule", ...rows, ""].join("\r\n");
}

function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value).replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** @param notAsked why the mesh was not asked, where it was wanted */
export function matrixEvidence(cells: readonly Cell[], csv: string, notAsked: string | null): Evidence["matrix"] {
  const asked = cells.some(({ ok }) => ok !== null);
  const sums = callerSums(cells);
  const total = (key: "allow" | "report" | "observe" | "deny" | "wrong") =>
    sums.reduce((sum, each) => sum + each[key], 0);
  return {
    file: { name: matrixFile, sha256: sha256(csv) },
    asked,
    notAsked,
    calls: cells.length,
    allow: total("allow"),
    report: total("report"),
    observe: total("observe"),
    deny: total("deny"),
    disagree: asked ? total("wrong") : null,
    unasked: asked ? cells.filter(({ ok }) => ok === null).length : 0,
    byWorkload: sums.map(({ wrong, ...sum }) => ({ ...sum, disagree: asked ? wrong : null })),
    wrong: cells
      .filter(({ ok }) => ok === false)
      .map(({ verdict: { from, url, expected, rule }, seen }) => ({
        from,
        url,
        expected,
        seen,
        rule: rule?.path ?? null,
      })),
  };
}
