import { stringify } from "yaml";
import { Manifest } from "../ground/manifest";
import { gatewayPodLabel, gatewaySelector, proxyContainer } from "../ground/names";
import { proxyConfigAnnotation } from "../ground/pods/proxy-config";
import { defaultDrain } from "../ground/timeouts";
import { GatewayArgs, GatewayPlacement } from "./args";
import { inSeconds } from "./gateway-envoy";
import { appLabels } from "./metadata";
import { gatewayPodPorts, observerPodPorts } from "./ports";

/** The gateway's pods: Envoy alone, put there by Istio's injection, within Pod Security's `restricted`. */
export function gatewayDeployment(args: GatewayArgs): Manifest {
  const { name, namespace, mesh = {}, replicas, maxReplicas = replicas, drain = defaultDrain, placement } = args;
  const selector = gatewaySelector(name);
  const labels = { ...appLabels(name), ...selector };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels },
    spec: {
      // An autoscaler's number is its own: to state one would set it back with every update.
      ...(maxReplicas > replicas ? {} : { replicas }),
      selector: { matchLabels: selector },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: {
            ...labels,
            ...gatewayPodLabel(name, namespace),
            "sidecar.istio.io/inject": "true",
            ...(mesh.revision === undefined ? {} : { "istio.io/rev": mesh.revision }),
          },
          annotations: {
            "inject.istio.io/templates": "gateway",
            [proxyConfigAnnotation]: stringify({ drainDuration: inSeconds(drain), ...proxyConfig }),
          },
        },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          // Leaves time for the drain, and for downloads on their way to end.
          terminationGracePeriodSeconds: 30,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          ...(placement === undefined
            ? {}
            : { nodeSelector: placement.nodeSelector, tolerations: placement.tolerations }),
          topologySpreadConstraints: [
            spreadOver(selector, "kubernetes.io/hostname", "ScheduleAnyway"),
            spreadOver(selector, "topology.kubernetes.io/zone", placementPerZone(placement)),
          ],
          containers: [container(args.observed === undefined ? gatewayPodPorts : observerPodPorts)],
        },
      },
    },
  };
}

const proxyConfig = {
  // Longer than istiod takes to tell every sidecar that the pod is going away.
  terminationDrainDuration: "10s",
  // External hosts are not told which workload of the mesh is asking, nor how the mesh is built.
  gatewayTopology: { forwardClientCertDetails: "SANITIZE" },
  proxyHeaders: {
    attemptCount: { disabled: true },
    envoyDebugHeaders: { disabled: true },
    metadataExchangeHeaders: { mode: "IN_MESH" },
  },
};

function container(ports: Record<string, unknown>[]): Record<string, unknown> {
  return {
    name: proxyContainer,
    // The injector puts the mesh's own proxy image here, and the readiness probe.
    image: "auto",
    // Without a tag the API server would say Always, and that would win over what injection says.
    imagePullPolicy: "IfNotPresent",
    // The injected readiness probe asks every 15 s, which a starting pod need not wait for.
    startupProbe: { httpGet: { path: "/healthz/ready", port: 15021 }, periodSeconds: 1, failureThreshold: 120 },
    ports,
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "1Gi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    },
  };
}

type WhenUnsatisfiable = "ScheduleAnyway" | "DoNotSchedule";

/** A cluster with one node or one zone runs the gateway too; a pool in several zones has room in each. */
function placementPerZone(placement: GatewayPlacement | undefined): WhenUnsatisfiable {
  return placement !== undefined && placement.zones > 1 ? "DoNotSchedule" : "ScheduleAnyway";
}

function spreadOver(
  selector: Record<string, string>,
  topologyKey: string,
  whenUnsatisfiable: WhenUnsatisfiable,
): Record<string, unknown> {
  return {
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable,
    labelSelector: { matchLabels: selector },
  };
}

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
