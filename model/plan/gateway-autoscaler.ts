import { Manifest } from "../ground/manifest";
import { GatewayArgs } from "./args";
import { appLabels } from "./metadata";
import { gatewaySelector } from "../ground/names";

/** CPU that a pod uses on average before there is one more: an amount, because its request is made for quiet times. */
const cpuPerPod = "700m";

/** Seconds of less load before pods go: long downloads end, and a lull between two bursts costs none. */
const calmSeconds = 300;

/** Between `replicas` and `maxReplicas` gateway pods, as the load asks for; none where the number is fixed. */
export function gatewayAutoscaler(args: GatewayArgs): Manifest[] {
  const { name, namespace, replicas, maxReplicas = replicas } = args;
  if (maxReplicas <= replicas) {
    return [];
  }
  return [
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name, namespace, labels: { ...appLabels(name), ...gatewaySelector(name) } },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
        minReplicas: replicas,
        maxReplicas,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue: cpuPerPod } } },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: calmSeconds } },
      },
    },
  ];
}
