import { guarded, made, KubernetesObject, pod } from "./attacks";

const metadata = (rest: object = {}) => ({ namespace: guarded, ...rest });
const object = (apiVersion: string, kind: string, rest: object): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: metadata(),
  ...rest,
});
const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };

/** What an ordinary application brings: nothing of it may be refused. */
export const ordinary: [string, KubernetesObject][] = [
  ["a pod", pod()],
  ["a Deployment", made("Deployment")],
  [
    "a Deployment with probes, hooks, resources and a security context",
    made("Deployment", {
      main: {
        ports: [{ name: "http", containerPort: 8080 }],
        livenessProbe: { httpGet: { path: "/healthz", port: "http" } },
        readinessProbe: { tcpSocket: { port: 8080 } },
        startupProbe: { exec: { command: ["true"] } },
        lifecycle: { preStop: { exec: { command: ["sleep", "5"] } } },
        resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
        },
      },
      spec: {
        securityContext: { fsGroup: 1000, seccompProfile: { type: "RuntimeDefault" } },
        terminationGracePeriodSeconds: 10,
      },
    }),
  ],
  [
    "a Deployment with volumes of every ordinary kind",
    made("Deployment", {
      spec: {
        volumes: [
          { name: "settings", configMap: { name: "settings" } },
          { name: "key", secret: { secretName: "key" } },
          { name: "scratch", emptyDir: { medium: "Memory" } },
          { name: "info", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
          { name: "all", projected: { sources: [{ configMap: { name: "settings" } }] } },
          { name: "data", persistentVolumeClaim: { claimName: "data" } },
        ],
      },
    }),
  ],
  [
    "a Deployment with init containers, affinity and spread",
    made("Deployment", {
      spec: {
        initContainers: [{ name: "migrate", image: "lab.istio-egress.local/workload:1", command: ["true"] }],
        affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: { of: "tenant" } },
          },
        ],
        nodeSelector: { "kubernetes.io/os": "linux" },
      },
    }),
  ],
  [
    "a Deployment with annotations of its own",
    made("Deployment", { annotations: { "prometheus.io/scrape": "true", "checksum/config": "1" } }),
  ],
  ["a Deployment that asks for injection", made("Deployment", { labels: { "sidecar.istio.io/inject": "true" } })],
  ["a Deployment with a ServiceAccount of its own", made("Deployment", { spec: { serviceAccountName: "tenant" } })],
  ["a StatefulSet", made("StatefulSet")],
  ["a DaemonSet", made("DaemonSet")],
  ["a Job", made("Job")],
  ["a CronJob", made("CronJob")],
  [
    "a Service",
    object("v1", "Service", { spec: { selector: { of: "tenant" }, ports: [{ port: 80, targetPort: 8080 }] } }),
  ],
  [
    "a headless Service",
    object("v1", "Service", { spec: { clusterIP: "None", selector: { of: "tenant" }, ports: [{ port: 80 }] } }),
  ],
  ["a ConfigMap", object("v1", "ConfigMap", { data: { a: "b" } })],
  ["a Secret", object("v1", "Secret", { stringData: { a: "b" } })],
  ["a ServiceAccount", object("v1", "ServiceAccount", {})],
  [
    "a PersistentVolumeClaim",
    object("v1", "PersistentVolumeClaim", {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    }),
  ],
  [
    "a HorizontalPodAutoscaler",
    object("autoscaling/v2", "HorizontalPodAutoscaler", {
      spec: {
        scaleTargetRef: target,
        maxReplicas: 3,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
        ],
      },
    }),
  ],
  [
    "a PodDisruptionBudget",
    object("policy/v1", "PodDisruptionBudget", {
      spec: { minAvailable: 1, selector: { matchLabels: { of: "tenant" } } },
    }),
  ],
  ["a Role", object("rbac.authorization.k8s.io/v1", "Role", { rules: [] })],
];
