import { Observation, StackConfig, Verdict, verdicts } from "../model";
import { sortedUnique } from "../model/ground/order";
import { observe } from "./live-probe";

/** One call: what the model wants, and what the mesh did, if it was asked. */
export interface Cell {
  verdict: Verdict;
  seen: string | null;
  /** Whether the mesh did what the model wants. */
  ok: boolean | null;
}

/** Workloads that are asked at a time. */
const workloadsAtOnce = 4;

export function modelMatrix(config: StackConfig): Cell[] {
  return verdicts(config).map((verdict) => ({ verdict, seen: null, ok: null }));
}

/** The matrix with every call made for real, from inside the pods. */
export async function liveMatrix(config: StackConfig): Promise<Cell[]> {
  const all = verdicts(config);
  const cells = new Map<Verdict, Cell>();
  const waiting = sortedUnique(all.map(({ from }) => from));
  const work = async () => {
    for (let from = waiting.shift(); from !== undefined; from = waiting.shift()) {
      const calls = all.filter((verdict) => verdict.from === from);
      const observations = await observe(config.cluster, from, calls);
      calls.forEach((verdict, index) => cells.set(verdict, observedCell(verdict, observations[index]!)));
    }
  };
  await Promise.all(Array.from({ length: workloadsAtOnce }, work));
  return all.map((verdict) => cells.get(verdict)!);
}

function observedCell(verdict: Verdict, { seen, shows }: Observation): Cell {
  return { verdict, seen, ok: shows === verdict.expected };
}

/** The form of `--json`. */
export function toJson(cells: Cell[]): unknown[] {
  return cells.map(({ verdict: { from, url, expected, rule }, seen, ok }) => ({
    from,
    url,
    expected,
    seen,
    ok,
    rule: rule?.path ?? null,
  }));
}
