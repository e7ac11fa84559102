import { TlsRow, TlsSides } from "../../model/tls";

/** What the running mesh has for a row. */
export interface Seen extends TlsSides {
  /** `namespace/workload` whose sidecar was asked; null where none could be, as no pod of a caller is ready. */
  from: string | null;
  /** Whether that sidecar knows the name at all. */
  known: boolean;
  /** Why `client` is null although the name is known, to stand behind "the sidecar". */
  unclear?: string;
}

/** A row, and what the mesh has for it, if it was asked. */
export interface Row {
  planned: TlsRow;
  seen: Seen | null;
  /** How the two differ, in words; empty where they agree, and where the mesh was not asked. */
  differences: string[];
}

/** A row that was looked up in the mesh. */
export function seenRow(planned: TlsRow, seen: Seen): Row {
  const differences = [
    ...difference("SERVER", planned.server, seen.server, "on the cluster"),
    ...difference("AUTHN POLICY", planned.authnPolicy, seen.authnPolicy, "on the cluster"),
    ...clientDifferences(planned, seen),
  ];
  return { planned, seen, differences };
}

function clientDifferences(planned: TlsRow, { from, known, unclear, client, destinationRule }: Seen): string[] {
  const wanted = `CLIENT: ${planned.client ?? "-"} by the plan`;
  if (from === null) {
    return [`${wanted}, and no sidecar to ask: no pod is ready of ${planned.callers.join(", ")}`];
  }
  const sidecar = `the sidecar of ${from}`;
  if (!known) {
    return planned.client === null ? [] : [`${wanted}, but ${sidecar} does not know the name`];
  }
  return [
    ...(unclear === undefined
      ? difference("CLIENT", planned.client, client, `in ${sidecar}`)
      : [`${wanted}, but ${sidecar} ${unclear}`]),
    ...difference("DESTINATION RULE", planned.destinationRule, destinationRule, `in ${sidecar}`),
  ];
}

function difference(title: string, planned: string | null, seen: string | null, where: string): string[] {
  return planned === seen ? [] : [`${title}: ${planned ?? "-"} by the plan, ${seen ?? "-"} ${where}`];
}

/** The form of `--json`: the plan's columns, and the mesh's beside them. */
export function toJson({ planned, seen, differences }: Row): unknown {
  const { host, port, callers } = planned;
  return {
    host,
    port,
    ...sides(planned),
    callers,
    seen: seen === null ? null : { from: seen.from, ...sides(seen) },
    ok: seen === null ? null : differences.length === 0,
    differences,
  };
}

function sides({ status, server, client, authnPolicy, destinationRule }: TlsSides): TlsSides {
  return { status, server, client, authnPolicy, destinationRule };
}
