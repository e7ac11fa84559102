import { imageReferences } from "../../lab/images/images";
import { elsewhere, guarded } from "../../tests/lab/admission/attacks";
import { tenant } from "../../tests/lab/admission/tenant";
import { apply, kubectl } from "../../tests/lab/support/commands";
import type { Started } from "./api";
import { Pair } from "./figures";
import { Worker } from "./worker";

/** How many pods are started of each. */
const rounds = 12;

/** A namespace whose pods get Istio's sidecar, and nothing of the stack's. */
const injected = "bench-injected";

/** All are the tenant's; the last one is nobody's mesh. */
const namespaces = { guarded, injected, plain: elsewhere };

/** Pods' starts in a guarded namespace, beside those in one that has Istio's sidecar only, and in one that has nothing. */
export type StartsTaken = Record<"besideInjected" | "besidePlain", Pair>;

/** Starts pods of a Deployment, one after the other; the first of each is not counted. */
export async function takeStarts(api: Worker): Promise<StartsTaken> {
  const seconds: Record<keyof typeof namespaces, number[]> = { guarded: [], injected: [], plain: [] };
  try {
    makeInjected();
    for (let round = 0; round <= rounds; round++) {
      const ways = Object.keys(namespaces) as (keyof typeof namespaces)[];
      for (const way of round % 2 === 0 ? ways : ways.reverse()) {
        const deployment = deploymentOf(`bench-start-${round}`);
        const command = { do: "start", user: tenant, namespace: namespaces[way], deployment };
        const started = await api.take<Started>(command);
        if (round > 0) {
          seconds[way].push(started.seconds);
        }
      }
    }
  } finally {
    kubectl("delete", "namespace", injected, "--ignore-not-found");
  }
  return {
    besideInjected: { guarded: seconds.guarded, plain: seconds.injected },
    besidePlain: { guarded: seconds.guarded, plain: seconds.plain },
  };
}

function makeInjected(): void {
  const labels = { "istio-injection": "enabled" };
  const apiGroup = "rbac.authorization.k8s.io";
  apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: injected, labels } });
  apply({
    ...{ apiVersion: `${apiGroup}/v1`, kind: "RoleBinding", metadata: { name: tenant, namespace: injected } },
    subjects: [{ apiGroup, kind: "User", name: tenant }],
    roleRef: { apiGroup, kind: "ClusterRole", name: "edit" },
  });
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
