/**
 * Whether an object that is exported to these namespaces is visible in one of them: `*` is all of them, `.` its own,
 * `~` none. Istio's default is all.
 */
export function isVisible(exportTo: string[] = [], { home, from }: { home?: string; from: string }): boolean {
  return (
    exportTo.length === 0 ||
    exportTo.includes("*") ||
    exportTo.includes(from) ||
    (exportTo.includes(".") && home === from)
  );
}

/** Whether a host is meant by a pattern: itself, `*`, or `*.` and what it ends with. */
export function meansHost(pattern: string, host: string): boolean {
  return pattern.startsWith("*") ? host.endsWith(pattern.slice(1)) : pattern === host;
}
