import { Observation, StackConfig, Verdict } from "../model";
import { grantsOf } from "../model/grants";
import { IngressCell, ingressJson } from "./ingress/cells";
import { observe } from "./live-probe";
import { inTurns } from "./turns";

/** One call: what the model wants, and what the mesh did, if it was asked. */
export interface Cell {
  verdict: Verdict;
  seen: string | null;
  /** Whether the mesh did what the model wants; null where it was not asked. */
  ok: boolean | null;
}

/** Calls that --live makes without being asked for less: some ten minutes where most are refused. */
export const mostCalls = 10_000;

/** Workloads that are asked at a time. */
const workloadsAtOnce = 4;

/** Cells that are written at a time. */
const cellsAtOnce = 1000;

/** The matrix as the model wants it, of nothing that anybody was asked. */
export function modelMatrix(verdicts: readonly Verdict[]): Cell[] {
  return verdicts.map((verdict) => ({ verdict, seen: null, ok: null }));
}

/** The matrix with every call made for real, from inside the pods. */
export async function liveMatrix(config: StackConfig, verdicts: readonly Verdict[]): Promise<Cell[]> {
  const { workloads } = grantsOf(config);
  const cells = new Map<Verdict, Cell>();
  const ask = async ([from, calls]: [string, Verdict[]]) => {
    const workload = workloads.get(from);
    // Of ServiceAccounts that no workload has nobody knows the pods.
    const observations: Observation[] =
      workload === undefined
        ? calls.map(() => ({ seen: "no workload to ask", shows: "nothing" }))
        : await observe(config.cluster, workload, calls);
    calls.forEach((verdict, index) => cells.set(verdict, liveCell(verdict, observations[index]!)));
  };
  await inTurns([...callers(verdicts)], ask, { atOnce: workloadsAtOnce });
  return verdicts.map((verdict) => cells.get(verdict)!);
}

/** What each workload would call. */
export function callers(verdicts: readonly Verdict[]): Map<string, Verdict[]> {
  const calls = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const own = calls.get(verdict.from);
    if (own === undefined) {
      calls.set(verdict.from, [verdict]);
    } else {
      own.push(verdict);
    }
  }
  return calls;
}

/** A call with what was seen of it. */
export function liveCell(verdict: Verdict, { seen, shows }: Observation): Cell {
  // What is observed, or reported, is let pass; an answer that is unclear shows neither.
  const ok = shows === "nothing" ? null : shows === (verdict.expected === "deny" ? "deny" : "allow");
  return { verdict, seen, ok };
}

/**
 * The text of `--json`, in pieces, since a large stack's is too long to be held at once.
 *
 * @param callers cells on callers into guarded pods, which follow the others @default none
 */
export function* jsonPieces(cells: readonly Cell[], callers: readonly IngressCell[] = []): Generator<string> {
  let isFirst = true;
  for (const objects of [inPieces(cells, toJson), inPieces(callers, ingressJson)]) {
    for (const piece of objects) {
      yield `${isFirst ? "[" : ","}${JSON.stringify(piece, undefined, 2).slice(1, -2)}`;
      isFirst = false;
    }
  }
  yield isFirst ? "[]\n" : "\n]\n";
}

function* inPieces<T>(cells: readonly T[], form: (cell: T) => unknown): Generator<unknown[]> {
  for (let start = 0; start < cells.length; start += cellsAtOnce) {
    yield cells.slice(start, start + cellsAtOnce).map(form);
  }
}

/** One cell in the form of `--json`. */
export function toJson({ verdict: { from, url, expected, rule }, seen, ok }: Cell): Record<string, unknown> {
  return { from, url, expected, seen, ok, rule: rule?.path ?? null };
}
