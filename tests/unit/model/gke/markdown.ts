import * as fs from "node:fs";
import * as path from "node:path";

const docs = path.join(__dirname, "../../../../docs/gke.md");

/** The table between `<!-- name -->` and `<!-- /name -->` in docs/gke.md, cell by cell; UPDATE_GOLDEN=1 writes it anew. */
export function documentedTable(name: string, table: string[][]): string[][] {
  const text = fs.readFileSync(docs, "utf8");
  const [before, held, after] = partsAround(name, text);
  if (process.env.UPDATE_GOLDEN === "1") {
    fs.writeFileSync(docs, `${before}\n${markdown(table)}\n${after}`);
    return table;
  }
  const rows = held.split("\n").filter((line) => line.startsWith("|"));
  return rows.filter((_, index) => index !== 1).map((row) => cellsOf(row));
}

function partsAround(name: string, text: string): [string, string, string] {
  const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open) + open.length, text.indexOf(close)];
  return [text.slice(0, start), text.slice(start, end), text.slice(end)];
}

function cellsOf(row: string): string[] {
  return row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** As the formatter lays tables out: every column as wide as its widest cell. */
function markdown(table: string[][]): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [heading, ...rows] = table;
  return [line(heading!), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n") + "\n";
}
