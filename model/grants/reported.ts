import { isReported } from "../config/reporting";
import { namespaceKey } from "../ground/names";
import { Client, Grants } from "./grants";

/** Who reaches a destination by a rule in report mode, and by no other. */
export interface Reporting {
  client: Client;
  /** Of a whole namespace those whose own rules are enforced. */
  but: Client[];
}

/** By the identities that a gateway sees: of workloads that share one, an enforced rule of any counts for all. */
export function reportedOf({ to }: Grants, destination: string): Reporting[] {
  const grants = to(destination);
  const enforced = new Map(
    grants.filter(({ rule }) => !isReported(rule)).map(({ client }) => [identityOf(client), client]),
  );
  const reported = new Map(
    grants.filter(({ rule }) => isReported(rule)).map(({ client }) => [identityOf(client), client]),
  );
  return [...reported].flatMap(([identity, client]) =>
    enforced.has(identity) || enforced.has(namespaceKey(client.namespace))
      ? []
      : [
          {
            client,
            but:
              client.workload === undefined
                ? [...enforced.values()].filter(({ namespace }) => namespace === client.namespace)
                : [],
          },
        ],
  );
}

function identityOf({ key, namespace, workload }: Client): string {
  return workload === undefined ? key : `${namespace}/${workload.serviceAccount}`;
}
