import { columns } from "../columns";
import { Row } from "./row";

const titles = ["HOST:PORT", "STATUS", "SERVER", "CLIENT", "AUTHN POLICY", "DESTINATION RULE"];

/** The table, in the columns of `istioctl authn tls-check`; what the mesh has, where it was asked. */
export function tlsTable(rows: Row[]): string {
  return rows.length === 0
    ? "No workload of the stack may call anything by name."
    : columns()([titles, ...rows.map(cells)]).join("\n");
}

/** What is below the table, a paragraph each: what it does not say of itself, and where plan and mesh differ. */
export function tlsNotes(rows: Row[]): string[] {
  const beside = rows.filter(({ planned }) => planned.way === "beside").map(shown);
  return [
    ...(beside.some(({ status }) => status === "CONFLICT") ? [conflictBeside] : []),
    ...(beside.some(({ status }) => status === "OK") ? [agreementBeside] : []),
    ...(rows.some(({ planned }) => planned.way === "bypass") ? [pastSidecar] : []),
    ...agreement(rows),
  ];
}

const conflictBeside = `CONFLICT is right for a service beside the mesh: the policy asks for mutual TLS by the service's name, but no sidecar
stands there to ask, and the service understands what its callers speak.`;

const agreementBeside = `OK is wrong for a service beside the mesh: its callers speak mutual TLS, and no sidecar stands there to understand it.
\`clientMtls: disabled\` on the service has them speak what it understands.`;

const pastSidecar = `-: the calls go past the sidecar, and nothing of the mesh is on their way.`;

function agreement(rows: Row[]): string[] {
  if (rows.length === 0 || rows.some(({ seen }) => seen === null)) {
    return [];
  }
  const differing = rows.filter(({ differences }) => differences.length > 0);
  const lines = differing.flatMap(({ planned: { host, port }, differences }) =>
    differences.map((difference) => `✘ ${host}:${port}  ${difference}`),
  );
  const summary =
    differing.length === 0
      ? `${rows.length} rows: the mesh agrees with the plan on every one.`
      : `${rows.length} rows: the mesh disagrees with the plan on ${differing.length}, marked ✘.`;
  return [...(lines.length === 0 ? [] : [lines.join("\n")]), summary];
}

function shown({ planned, seen }: Row): NonNullable<Row["seen"]> | Row["planned"] {
  return seen ?? planned;
}

function cells(row: Row): string[] {
  const { host, port } = row.planned;
  const { status, server, client, authnPolicy, destinationRule } = shown(row);
  const mark = row.seen === null ? "" : row.differences.length === 0 ? "✔ " : "✘ ";
  return [
    `${host}:${port}`,
    mark + (status ?? "-"),
    ...[server, client, authnPolicy, destinationRule].map((cell) => cell ?? "-"),
  ];
}
