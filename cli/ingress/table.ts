import { callerText, portWords } from "../../model/callers";
import { placeOfRule } from "../../model/config/problem";
import { groupedBy, sortedBy } from "../../model/ground/order";
import { counted } from "../../model/ground/words";
import { columns } from "../columns";
import { markOf } from "../matrix-table";
import { IngressCell } from "./cells";

/** Rows that are printed one by one; more are summed up by the namespace that is called. */
const mostRows = 500;

/** Who may open connections to guarded pods as text: a row for each kind of callers, then a sentence. */
export function ingressText(cells: readonly IngressCell[], { live }: { live: boolean }): string {
  const summary = ingressSummary(cells, { live });
  if (cells.length <= mostRows) {
    return [ingressTable(cells), "", summary].join("\n");
  }
  const wrong = cells.filter(({ ok }) => ok === false);
  return [
    sums(cells, live),
    "",
    ...(wrong.length === 0 ? [] : [ingressTable(wrong.slice(0, mostRows)), ""]),
    summary,
    `${cells.length} rows are too many to be read. --from, --to and --denied show some of them, and --json all.`,
  ].join("\n");
}

/** A row for each kind of callers and each of the ports on which it is let in. */
export function ingressTable(cells: readonly IngressCell[]): string {
  return columns()([
    ["CALLER", "PODS OF", "ON", "CONNECTION", "LET IN BY"],
    ...cells.map(({ verdict, seen, ok }) => [
      callerText(verdict.caller),
      verdict.into,
      portWords(verdict.ports),
      seen === null ? verdict.expected : `${markOf(ok)} ${verdict.expected.padEnd(5)} ${seen}`,
      verdict.path === undefined ? "" : placeOfRule(verdict.path),
    ]),
  ]).join("\n");
}

/** One sentence on all of them. */
export function ingressSummary(cells: readonly IngressCell[], { live }: { live: boolean }): string {
  const allowed = cells.filter(({ verdict }) => verdict.expected === "allow").length;
  const wanted = `Into guarded pods: ${counted(cells.length, "kind")} of connections, ${allowed} to be let in and ${cells.length - allowed} to be refused`;
  if (!live) {
    return `${wanted}.`;
  }
  const [wrong, unasked] = [false, null].map((what) => cells.filter(({ ok }) => ok === what).length) as [
    number,
    number,
  ];
  if (unasked === cells.length) {
    return `${wanted}: none of them could be asked, marked –.`;
  }
  const rest = unasked === 0 ? "" : `; ${unasked} could not be asked, marked –`;
  return wrong === 0
    ? `${wanted}: the mesh agrees on ${unasked === 0 ? "every one" : "all that were asked"}${rest}.`
    : `${wanted}: the mesh disagrees on ${wrong}, marked ✘${rest}.`;
}

function sums(cells: readonly IngressCell[], live: boolean): string {
  const number = (own: readonly IngressCell[], test: (cell: IngressCell) => boolean) => `${own.filter(test).length}`;
  const rows = sortedBy(
    groupedBy(cells, ({ verdict }) => verdict.into),
    ([into]) => into,
  ).map(([into, own]) => [
    into,
    number(own, ({ verdict }) => verdict.expected === "allow"),
    number(own, ({ verdict }) => verdict.expected === "deny"),
    ...(live ? [number(own, ({ ok }) => ok === false)] : []),
  ]);
  return columns()([["PODS OF", "LET IN", "REFUSED", ...(live ? ["WRONG"] : [])], ...rows]).join("\n");
}
