import { serviceHost } from "../ground/names";
import { sortedUnique } from "../ground/order";
import { TlsRow } from "./types";

/**
 * The rows of a host, by its full name or, for a Service, by a short one, as `svc-foo` or `svc-foo.istio-workload`:
 * that is every Service of that name. None, where nobody may call it.
 */
export function rowsOf(rows: TlsRow[], written: string): TlsRow[] {
  return rows.filter(({ host }) => namesOf(host).includes(written.toLowerCase()));
}

/** Every form in which a host may be written. */
export function knownNames(rows: TlsRow[]): string[] {
  return sortedUnique(rows.flatMap(({ host }) => namesOf(host)));
}

function namesOf(host: string): string[] {
  const [name = "", namespace = ""] = host.split(".");
  const isService = host === serviceHost(name, namespace);
  return isService ? [host, `${name}.${namespace}.svc`, `${name}.${namespace}`, name] : [host];
}

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
