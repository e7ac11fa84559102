import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { format } from "prettier";
import { groupTable, Row, summaryTable } from "./results";
import { Group, groups } from "./vector";

const docs = path.resolve(__dirname, "../../../docs");
export const update = process.env.UPDATE_GOLDEN === "1";
const resultsFile = path.join(docs, "bypass.json");

/** What the last run that wrote has seen. */
export function heldResults(): Row[] {
  return JSON.parse(fs.readFileSync(resultsFile, "utf8")) as Row[];
}

/** Holds what a run has seen to what is kept, or keeps it: UPDATE_GOLDEN=1. */
export async function holdResults(rows: readonly Row[]): Promise<void> {
  if (update) {
    fs.writeFileSync(resultsFile, await format(JSON.stringify(rows), { parser: "json", printWidth: 120 }));
    await holdDocuments(rows);
  }
  const kept = new Map(heldResults().map((row) => [nameOf(row), row]));
  const seen = new Map(rows.map((row) => [nameOf(row), row]));
  const told = (row: Row | undefined) => (row === undefined ? "nothing" : JSON.stringify(withoutAnswer(row)));
  const other = [...new Set([...kept.keys(), ...seen.keys()])]
    .filter((name) => told(kept.get(name)) !== told(seen.get(name)))
    .map((name) => `${name}: seen ${told(seen.get(name))}, kept ${told(kept.get(name))}`);
  assert.deepEqual(other, [], `docs/bypass.json says otherwise; UPDATE_GOLDEN=1 writes it anew:\n${other.join("\n")}`);
  assert.deepEqual([...seen.keys()], [...kept.keys()]);
}

function nameOf({ group, tries }: Row): string {
  return `${group}: ${tries}`;
}

/** In which words a refusal comes may be another thing each time: a proxy that ends a connection may have answered before. */
function withoutAnswer({ answer: _, group: _group, tries: _tries, ...row }: Row): Partial<Row> {
  return row;
}

/** Holds the documents' tables to results, or writes them. */
export async function holdDocuments(rows: readonly Row[]): Promise<void> {
  const security = path.join(docs, "security.md");
  const summary = /(<!-- bypass -->\n)[^]*(<!-- \/bypass -->)/;
  const before = fs.readFileSync(security, "utf8");
  assert.match(before, summary);
  const files: [file: string, text: string][] = [
    [security, before.replace(summary, (_, begin: string, end: string) => `${begin}\n${summaryTable(rows)}\n\n${end}`)],
    [path.join(docs, "bypass.md"), listOf(rows)],
  ];
  for (const [file, text] of files) {
    const formatted = await format(text, { parser: "markdown", printWidth: 120 });
    if (update) {
      fs.writeFileSync(file, formatted);
    }
    const how = `${path.basename(file)} does not say what docs/bypass.json does; UPDATE_GOLDEN=1 writes it anew`;
    assert.equal(fs.readFileSync(file, "utf8"), formatted, how);
  }
}

function listOf(rows: readonly Row[]): string {
  const parts = (Object.keys(groups) as Group[]).flatMap((group) => {
    const own = rows.filter((row) => row.group === group);
    return own.length === 0 ? [] : [`## ${groups[group]}`, groupTable(own)];
  });
  return [
    "# Ways around the guard that were tried",
    "Made from [bypass.json](bypass.json), which `tests/lab/bypass.test.ts` holds to what it sees on a real mesh: each line " +
      "was tried with every layer on, beside a twin that is allowed on the same way and passed. `seen` is what the " +
      "attempt was answered. The last columns say without which single layer it got through, where that was tried. " +
      "[security.md](security.md) sums them up.",
    ...parts,
    "",
  ].join("\n\n");
}
