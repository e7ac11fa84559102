import { callerText, IngressVerdict, portWords } from "../../model/callers";
import { placeOfRule } from "../../model/config/problem";
import { groupedBy, sortedBy } from "../../model/ground/order";
import { counted } from "../../model/ground/words";
import { notAsked, rowsText, seenText } from "../asked";
import { columns } from "../columns";
import { IngressCell } from "./cells";

/** Who may open connections to guarded pods as text: a row for each kind of callers, then a sentence. */
export function ingressText(cells: readonly IngressCell[], { live }: { live: boolean }): string {
  return rowsText({
    rows: cells,
    isWrong: ({ ok }) => ok === false,
    ...{ table: ingressTable, sums: () => sums(cells, live), summary: ingressSummary(cells, { live }) },
  });
}

/** A row for each kind of callers and each of the ports on which it is let in. */
export function ingressTable(cells: readonly IngressCell[]): string {
  return columns()([
    ["CALLER", "PODS OF", "ON", "CONNECTION", "LET IN BY"],
    ...cells.map((cell) => [
      callerText(cell.verdict.caller),
      cell.verdict.into,
      portWords(cell.verdict.ports),
      seenText(cell.verdict.expected, cell),
      cell.verdict.path === undefined ? "" : placeOfRule(cell.verdict.path),
    ]),
  ]).join("\n");
}

/** How many kinds of connections there are to be, as the beginning of a sentence. */
export function wantedText(expected: readonly IngressVerdict["expected"][]): string {
  const letIn = expected.filter((each) => each === "allow").length;
  return `${counted(expected.length, "kind")} of connections, ${letIn} to be let in and ${expected.length - letIn} to be refused`;
}

/** One sentence on all of them. */
export function ingressSummary(cells: readonly IngressCell[], { live }: { live: boolean }): string {
  const wanted = `Into guarded pods: ${wantedText(cells.map(({ verdict }) => verdict.expected))}`;
  if (!live) {
    return `${wanted}.`;
  }
  const [wrong, unasked] = [false, null].map((what) => cells.filter(({ ok }) => ok === what).length) as [
    number,
    number,
  ];
  if (unasked === cells.length) {
    return `${wanted}: none of them could be asked, marked ${notAsked}.`;
  }
  const rest = unasked === 0 ? "" : `; ${unasked} could not be asked, marked ${notAsked}`;
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
