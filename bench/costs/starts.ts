import { elsewhere, guarded } from "../../tests/lab/admission/attacks";
import { tenant } from "../../tests/lab/admission/tenant";
import { imageReferences } from "../../lab/images/images";
import type { Started } from "./api";
import { inTurn, noPair, Pair } from "./figures";
import { Worker } from "./worker";

/** How many pods are started of each. */
const rounds = 12;

/** A namespace that the stack guards, and one that nobody does, without injection: both are the tenant's. */
const namespaces: Record<keyof Pair, string> = { guarded, plain: elsewhere };

/** Starts pods of a Deployment, one after the other; the first of each is not counted. */
export async function takeStarts(api: Worker): Promise<Pair> {
  const taken = noPair();
  for (let round = 0; round <= rounds; round++) {
    for (const way of inTurn(round)) {
      const namespace = namespaces[way];
      const deployment = deploymentOf(`bench-start-${round}`);
      const { seconds } = await api.take<Started>({ do: "start", user: tenant, namespace, deployment });
      if (round > 0) {
        taken[way].push(seconds);
      }
    }
  }
  return taken;
}

/** A server that is asked every second whether it is ready, and ends at once. */
function deploymentOf(name: string): object {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels: { of: "admission-test" } },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          securityContext: { runAsUser: 1000 },
          containers: [
            {
              name: "server",
              image: imageReferences.workload,
              imagePullPolicy: "IfNotPresent",
              env: [{ name: "PORT", value: "8080" }],
              readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  };
}
