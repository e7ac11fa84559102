import { homeOf, IngressVerdict, ingressUrl, callerText } from "../../model/callers";
import { Evidence } from "../../model/report";
import { MatrixPart } from "../matrix-part";

/** Connections that somebody opens to guarded pods: what the model wants, and what the mesh did, if it was asked. */
export interface IngressCell {
  verdict: IngressVerdict;
  seen: string | null;
  /** Whether the mesh did what the model wants; null where it was not asked. */
  ok: boolean | null;
}

/** The cells as the model wants them, of nothing that anybody was asked. */
export function modelIngress(verdicts: readonly IngressVerdict[]): IngressCell[] {
  return verdicts.map((verdict) => ({ verdict, seen: null, ok: null }));
}

/**
 * The verdicts of a part of the matrix: of callers by their namespace, as `monitoring/*`, or their range of addresses; of what
 * is called by its namespace, as `shop/*`. Who is neither, a guarded caller or anybody, is in it where nobody is named.
 */
export function ingressPartOf(verdicts: readonly IngressVerdict[], part: MatrixPart): IngressVerdict[] {
  const { denied = false } = part;
  const [from, to] = [part.from, part.to].map((names) => (names === undefined ? undefined : new Set(names)));
  return verdicts.filter(
    ({ caller, into, expected }) =>
      (from === undefined || from.has(caller.kind === "addresses" ? caller.range : `${homeOf(caller)}/*`)) &&
      (to === undefined || to.has(`${into}/*`)) &&
      (!denied || expected === "deny"),
  );
}

/** The cells in the form of a report. @param asked whether the mesh was asked */
export function ingressEvidence(cells: readonly IngressCell[], { asked }: { asked: boolean }): Evidence["ingress"] {
  const isOpen = ({ verdict: { caller, expected } }: IngressCell) => caller.kind === "anybody" && expected === "allow";
  const count = (ok: boolean | null) => cells.filter((cell) => cell.ok === ok).length;
  return {
    asked,
    open: cells.filter(isOpen).map(({ verdict }) => verdict.into),
    disagree: asked ? count(false) : null,
    unasked: asked ? count(null) : 0,
    connections: cells.map(({ verdict: { caller, into, ports, expected, path }, seen, ok }) => {
      return { from: callerText(caller), into, ports, expected, seen, ok, rule: path ?? null };
    }),
  };
}

/** One cell in the form of `--json`: the fields that all cells have, and what is called. */
export function ingressJson({ verdict, seen, ok }: IngressCell): Record<string, unknown> {
  const { caller, expected, path, into, ports } = verdict;
  return {
    ...{ from: callerText(caller), url: ingressUrl(verdict), expected, seen, ok, rule: path ?? null },
    ...{ into, ports },
  };
}
