/**
 * The cells of `egress matrix --json` on calls of workloads. Those on callers into guarded pods follow them: of these
 * tests/lab/ingress.test.ts asks.
 */
export function workloadCells<T>(stdout: string): T[] {
  return (JSON.parse(stdout) as (T & { into?: string })[]).filter(({ into }) => into === undefined);
}
