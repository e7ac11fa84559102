/** What a run has seen of every vector, as it is kept in docs/bypass.json, and the tables that documents have of it. */
import { Group, groups, Layer, layers, Removable, removable } from "./vector";

/** The others' ways of leading calls out that the same vectors are tried on. */
export const others = { demo: "the demo's resources", recipe: "Istio's recipe" } as const;
export type Other = keyof typeof others;

export interface Row {
  group: Group;
  tries: string;
  /** The layer that stopped it, or the rule of admission; of what stays open, why. */
  stoppedBy: Layer | `admission: ${string}` | `open: ${string}`;
  /** What the probe was answered, in a few words. */
  answer: string;
  /** Whether it gets through without a layer; absent for layers that it was not tried without. */
  without?: Partial<Record<Removable, boolean>>;
  /** Whether it gets through there; absent where it does not apply. */
  elsewhere?: Partial<Record<Other, boolean>>;
}

export const isOpen = ({ stoppedBy }: Row): boolean => stoppedBy.startsWith("open: ");

/** A line for each group: how many were tried, what got through, and what would without one layer, or elsewhere. */
export function summaryTable(rows: readonly Row[]): string {
  const away = removable.filter((layer) => rows.some(({ without }) => without?.[layer] !== undefined));
  const there = (Object.keys(others) as Other[]).filter((other) =>
    rows.some(({ elsewhere }) => elsewhere?.[other] !== undefined),
  );
  const head = [
    ...["", "tried", "stopped", "stays open"],
    ...away.map((layer) => `through without ${layers[layer]}`),
    ...there.map((other) => `through with ${others[other]}`),
  ];
  const line = (title: string, own: readonly Row[]) => [
    ...[title, `${own.length}`, `${own.filter((row) => !isOpen(row)).length}`, `${own.filter(isOpen).length}`],
    ...away.map((layer) => countOf(own, ({ without }) => without?.[layer])),
    ...there.map((other) => countOf(own, ({ elsewhere }) => elsewhere?.[other])),
  ];
  const lines = (Object.keys(groups) as Group[])
    .map((group) => ({ group, own: rows.filter((row) => row.group === group) }))
    .filter(({ own }) => own.length > 0)
    .map(({ group, own }) => line(groups[group], own));
  return table([head, ...lines, line("all", rows)]);
}

/** How many got through of those that were tried so; empty where none was. */
function countOf(rows: readonly Row[], through: (row: Row) => boolean | undefined): string {
  const tried = rows.flatMap((row) => through(row) ?? []);
  return tried.length === 0 ? "" : `${tried.filter((each) => each).length} of ${tried.length}`;
}

/** Every vector of a group. */
export function groupTable(rows: readonly Row[]): string {
  const there = (Object.keys(others) as Other[]).filter((other) =>
    rows.some(({ elsewhere }) => elsewhere?.[other] !== undefined),
  );
  return table([
    ["it tries", "stopped by", "seen", "gets through without", ...there.map((other) => `with ${others[other]}`)],
    ...rows.map((row) => [
      row.tries,
      row.stoppedBy in layers ? layers[row.stoppedBy as Layer] : row.stoppedBy,
      row.answer,
      row.without === undefined ? "" : withoutText(row.without),
      ...there.map((other) =>
        row.elsewhere?.[other] === undefined ? "" : row.elsewhere[other] ? "through" : "stopped",
      ),
    ]),
  ]);
}

function withoutText(without: NonNullable<Row["without"]>): string {
  const tried = (Object.keys(without) as Removable[]).map((layer) => ({ layer, through: without[layer]! }));
  const through = tried.filter((each) => each.through);
  return through.length > 0
    ? through.map(({ layer }) => layers[layer]).join(", ")
    : `none of: ${tried.map(({ layer }) => layers[layer]).join(", ")}`;
}

function table([head, ...lines]: string[][]): string {
  const cells = (line: string[]) =>
    `| ${line.map((cell) => cell.replace(/[|\\]/g, "\\$&").replace(/[\r\n]+/g, " ")).join(" | ")} |`;
  return [cells(head!), cells(head!.map(() => "---")), ...lines.map(cells)].join("\n");
}
