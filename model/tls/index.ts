import { StackConfig } from "../config/types";
import { grantsOf } from "../grants";
import { Manifest } from "../ground/manifest";
import { sortedBy } from "../ground/order";
import { planStack } from "../plan/stack";
import { planResources } from "../render/resources";
import { Callee, callees } from "./callees";
import { clientSide } from "./client";
import { ofKind } from "./objects";
import { serverSide } from "./server";
import { ClientTls, ServerTls, TlsRow, TlsSides } from "./types";

export { PeerAuthentication } from "./objects";
export { knownNames, rowsOf } from "./names";
export { serverSide } from "./server";
export * from "./types";

/**
 * Whether callers speak the TLS that is asked of them, for every name and port that some workload of a stack may call:
 * read from the planned objects, by Istio's own rules of precedence. Sorted by host, then port.
 *
 * What the plan gives a name is the same for all who may call it, so that one of them stands for all; but where
 * gateways list their hosts, an external host is another name in each namespace that is granted it, with a row for each.
 */
export function tlsRows(config: StackConfig): TlsRow[] {
  const plan = planStack(config);
  const manifests = planResources(plan)
    .filter(({ provider }) => provider === "kubernetes")
    .map(({ inputs }) => inputs as Manifest);
  const byPort = callees(plan, manifests)
    .map((callee) => ({ ...callee, callers: callee.callers.filter((from) => mayCall(config, from, callee.host)) }))
    .filter(({ callers }) => callers.length > 0)
    .sort((a, b) => a.port - b.port);
  return sortedBy(byPort, ({ host }) => host).map((callee) => tlsRow(callee, manifests));
}

/** Whether gateways let a workload pass to a host: a Sidecar with a wildcard imports what others list below it, too. */
function mayCall(config: StackConfig, from: string, host: string): boolean {
  const { meaning, between } = grantsOf(config);
  const meant = meaning(host);
  return meant.kind !== "destination" || between(from, meant.target.name) !== undefined;
}

function tlsRow({ known, ...callee }: Callee, manifests: Manifest[]): TlsRow {
  if (known === undefined) {
    return { ...callee, status: null, server: null, client: null, authnPolicy: null, destinationRule: null };
  }
  const [namespace] = callee.callers[0]!.split("/") as [string, string];
  const server = serverSide(ofKind(manifests, "PeerAuthentication"), known.behind);
  const client = clientSide(ofKind(manifests, "DestinationRule"), known, namespace, server.server);
  return { ...callee, ...server, ...client, status: statusOf(server.server, client.client), behind: known.behind };
}

/** Whether the two sides of a call agree; null where one of them is not known. */
export function statusOf(server: ServerTls | null, client: ClientTls | null): TlsSides["status"] {
  if (server === null || client === null) {
    return null;
  }
  return server.split("/").includes(client) ? "OK" : "CONFLICT";
}
