// What may be said of the pods of a workload that is made here, and what would open the guard.
// Does not prove: that a cluster runs such pods, nor that nobody else's pods open it.
import assert from "node:assert/strict";
import { parseConfig, planStack } from "../../../../model";
import { podTemplate } from "../../../../model/ground/pods/template";
import { find } from "../plan/find";
import { problemsOf } from "./refused";
import { now, soundConfig } from "./sound-config";

function withPod(pod: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    workloads: { hammer: { namespace: "istio-workload", image: "example.com/hammer:1" }, "app-a": workload(pod, more) },
  };
}

function workload(pod: unknown, more: Record<string, unknown>): Record<string, unknown> {
  return { namespace: "test-app", image: "example.com/app:1", port: 8080, ...more, pod };
}

const own = (fields: Record<string, unknown>) => ({ spec: { containers: [{ name: "app-a", ...fields }] } });
const at = (place: string) => [`istio-egress:workloads.app-a.pod.${place}`];

/** Each thing that opens the guard, its place, and the nearest thing that does not. */
const pairs: { what: string; refused: unknown; at: string; allowed: unknown }[] = [
  ...["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"].map((key) => ({
    what: key,
    refused: { spec: { [key]: true } },
    at: `spec.${key}`,
    allowed: { spec: { [key]: false } },
  })),
  {
    what: "a node by its name",
    refused: { spec: { nodeName: "gateways-1" } },
    at: "spec.nodeName",
    allowed: { spec: { nodeSelector: { disk: "ssd" } } },
  },
  {
    what: "another ServiceAccount",
    refused: { spec: { serviceAccountName: "hammer" } },
    at: "spec.serviceAccountName",
    allowed: { spec: { serviceAccountName: "app-a" } },
  },
  {
    what: "another ServiceAccount by its old field",
    refused: { spec: { serviceAccount: "hammer" } },
    at: "spec.serviceAccount",
    allowed: { spec: { automountServiceAccountToken: true } },
  },
  {
    what: "no ServiceAccount, which is the namespace's default one",
    refused: { spec: { serviceAccountName: null } },
    at: "spec.serviceAccountName",
    allowed: { spec: { serviceAccountName: "app-a" } },
  },
  {
    what: "a tolerance of the gateways' nodes",
    refused: { spec: { tolerations: [{ key: "gpu" }, { key: "istio-egress/pool", operator: "Exists" }] } },
    at: "spec.tolerations[1]",
    allowed: { spec: { tolerations: [{ key: "gpu", operator: "Exists" }] } },
  },
  {
    what: "a tolerance of every taint",
    refused: { spec: { tolerations: [{ operator: "Exists" }] } },
    at: "spec.tolerations[0]",
    allowed: { spec: { tolerations: [] } },
  },
  {
    what: "a tolerance whose key has nothing behind it, which is one of every taint",
    refused: { spec: { tolerations: [{ operator: "Exists", key: null }] } },
    at: "spec.tolerations[0].key",
    allowed: { spec: { tolerations: [{ operator: "Exists", key: "gpu" }] } },
  },
  {
    what: "the sidecar's user",
    refused: { spec: { securityContext: { runAsUser: 1337 } } },
    at: "spec.securityContext.runAsUser",
    allowed: { spec: { securityContext: { runAsUser: 1000 } } },
  },
  {
    what: "the sidecar's group in a container",
    refused: own({ securityContext: { runAsGroup: 1337 } }),
    at: "spec.containers[0].securityContext.runAsGroup",
    allowed: own({ securityContext: { runAsGroup: 1000 } }),
  },
  {
    what: "the sidecar's group among others",
    refused: { spec: { securityContext: { supplementalGroups: [1, 1337] } } },
    at: "spec.securityContext.supplementalGroups",
    allowed: { spec: { securityContext: { supplementalGroups: [1], fsGroup: 2000 } } },
  },
  {
    what: "a setting of the kernel that Kubernetes does not call safe",
    refused: { spec: { securityContext: { sysctls: [{ name: "net.ipv4.conf.all.route_localnet", value: "1" }] } } },
    at: "spec.securityContext.sysctls[0]",
    allowed: { spec: { securityContext: { sysctls: [{ name: "net.ipv4.tcp_keepalive_time", value: "60" }] } } },
  },
  {
    what: "a privileged init container",
    refused: {
      spec: {
        initContainers: [
          { name: "a", image: "i" },
          { name: "b", image: "i", securityContext: { privileged: true } },
        ],
      },
    },
    at: "spec.initContainers[1].securityContext.privileged",
    allowed: { spec: { initContainers: [{ name: "b", image: "i", restartPolicy: "Always" }] } },
  },
  ...["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "ALL", "cap_net_admin", "BPF", "SYS_PTRACE"].map((capability) => ({
    what: `the capability ${capability}`,
    refused: own({ securityContext: { capabilities: { add: [capability] } } }),
    at: "spec.containers[0].securityContext.capabilities.add[0]",
    allowed: own({ securityContext: { capabilities: { add: ["NET_BIND_SERVICE", "CAP_CHOWN"] } } }),
  })),
  {
    what: "NET_RAW that is kept",
    refused: own({ securityContext: { capabilities: { drop: [] } } }),
    at: "spec.containers[0].securityContext.capabilities.drop",
    allowed: own({ securityContext: { capabilities: { drop: ["NET_RAW"] } } }),
  },
  {
    what: "a port of the node",
    refused: own({ ports: [{ containerPort: 8080, hostPort: 80 }] }),
    at: "spec.containers[0].ports[0].hostPort",
    allowed: own({ ports: [{ containerPort: 9090, name: "metrics" }] }),
  },
  ...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) => ({
    what: `a host in ${probe}`,
    refused: own({ [probe]: { httpGet: { host: "evil.example", port: 80 } } }),
    at: `spec.containers[0].${probe}.httpGet.host`,
    allowed: own({ [probe]: { httpGet: { path: "/ready", port: 8080 } } }),
  })),
  ...["postStart", "preStop"].map((hook) => ({
    what: `a host in ${hook}`,
    refused: own({ lifecycle: { [hook]: { tcpSocket: { host: "evil.example", port: 80 } } } }),
    at: `spec.containers[0].lifecycle.${hook}.tcpSocket.host`,
    allowed: own({ lifecycle: { [hook]: { exec: { command: ["true"] } } } }),
  })),
  ...["istio-proxy", "istio-init", "istio-validation"].map((name) => ({
    what: `a container ${name}`,
    refused: { spec: { containers: [{ name, image: "i" }] } },
    at: "spec.containers[0].name",
    allowed: { spec: { containers: [{ name: "helper", image: "i" }] } },
  })),
  {
    what: "the node's files",
    refused: { spec: { volumes: [{ name: "root", hostPath: { path: "/" } }] } },
    at: "spec.volumes[0].hostPath",
    allowed: { spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] } },
  },
  ...["nfs", "iscsi", "gitRepo", "flexVolume"].map((kind) => ({
    what: `a volume of kind ${kind}, whose server the node calls`,
    refused: {
      spec: {
        volumes: [
          { name: "ok", emptyDir: {} },
          { name: "v", [kind]: {} },
        ],
      },
    },
    at: `spec.volumes[1].${kind}`,
    allowed: { spec: { volumes: [{ name: "v", secret: { secretName: "s" } }] } },
  })),
  {
    what: "a volume whose driver calls a server",
    refused: { spec: { volumes: [{ name: "v", csi: { driver: "nfs.csi.k8s.io" } }] } },
    at: "spec.volumes[0].csi.driver",
    allowed: { spec: { volumes: [{ name: "v", csi: { driver: "csi.cert-manager.io" } }] } },
  },
  {
    what: "the sidecar's own volume",
    refused: { spec: { volumes: [{ name: "istiod-ca-cert", configMap: { name: "mine" } }] } },
    at: "spec.volumes[0].name",
    allowed: { spec: { volumes: [{ name: "ca", configMap: { name: "mine" } }] } },
  },
  ...["sidecar.istio.io/inject", "istio.io/dataplane-mode", "istio.io/rev", "istio"].map((label) => ({
    what: `the label ${label}`,
    refused: { metadata: { labels: { [label]: "x" } } },
    at: `metadata.labels${/^\w+$/.test(label) ? `.${label}` : `["${label}"]`}`,
    allowed: { metadata: { labels: { "example.com/team": "x", "service.istio.io/canonical-name": "app" } } },
  })),
  {
    what: "a label by which the pods are told",
    refused: { metadata: { labels: { app: "hammer" } } },
    at: "metadata.labels.app",
    allowed: { metadata: { labels: { app: "app-a" } } },
  },
  ...[
    "sidecar.istio.io/inject",
    "traffic.sidecar.istio.io/excludeOutboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
    "inject.istio.io/templates",
    "proxy.istio.io/overrides",
    "sidecar.istio.io/status",
    "sidecar.istio.io/userVolume",
    "istio.io/reroute-virtual-interfaces",
    "k8s.v1.cni.cncf.io/networks",
  ].map((annotation) => ({
    what: `the annotation ${annotation}`,
    refused: { metadata: { annotations: { [annotation]: "x" } } },
    at: `metadata.annotations["${annotation}"]`,
    allowed: { metadata: { annotations: { "sidecar.istio.io/proxyCPU": "100m", "prometheus.io/scrape": "true" } } },
  })),
  {
    what: "a proxy of another control plane",
    refused: { metadata: { annotations: { "proxy.istio.io/config": "discoveryAddress: evil.example:15012" } } },
    at: 'metadata.annotations["proxy.istio.io/config"]',
    allowed: { metadata: { annotations: { "proxy.istio.io/config": "holdApplicationUntilProxyStarts: true" } } },
  },
  {
    what: "a field that Kubernetes does not have",
    refused: { spec: { hostNetwrk: true } },
    at: "spec.hostNetwrk",
    allowed: { spec: { hostNetwork: false } },
  },
  {
    what: "containers that are no list",
    refused: { spec: { containers: { a: {} } } },
    at: "spec.containers",
    allowed: { spec: { containers: [] } },
  },
  {
    what: "no containers, the workload's own among them",
    refused: { spec: { containers: null } },
    at: "spec.containers",
    allowed: { spec: { initContainers: null } },
  },
  {
    what: "the workload's own container without an image",
    refused: own({ image: null }),
    at: "spec.containers[0].image",
    allowed: own({ image: "example.com/app:2" }),
  },
  {
    what: "a container without a name",
    refused: { spec: { containers: [{ image: "i" }] } },
    at: "spec.containers[0].name",
    allowed: { spec: { containers: [{ name: "helper", image: "i" }] } },
  },
  {
    what: "a number for a variable's text",
    refused: own({ env: [{ name: "PORT", value: 8080 }] }),
    at: "spec.containers[0].env[0].value",
    allowed: own({ env: [{ name: "PORT", value: "8080" }] }),
  },
  {
    what: "a text for a number",
    refused: { spec: { securityContext: { runAsUser: "1000" } } },
    at: "spec.securityContext.runAsUser",
    allowed: { spec: { terminationGracePeriodSeconds: 5 } },
  },
  {
    what: "a word for a truth value",
    refused: { spec: { automountServiceAccountToken: "no" } },
    at: "spec.automountServiceAccountToken",
    allowed: { spec: { automountServiceAccountToken: false } },
  },
  {
    what: "a field of a probe that Kubernetes does not have",
    refused: own({ livenessProbe: { httpGet: { prot: 8080, port: 8080 } } }),
    at: "spec.containers[0].livenessProbe.httpGet.prot",
    allowed: own({ livenessProbe: { httpGet: { port: "http" }, periodSeconds: 5 } }),
  },
  {
    what: "a list for a set",
    refused: own({ resources: { limits: ["cpu"] } }),
    at: "spec.containers[0].resources.limits",
    allowed: own({ resources: { limits: { cpu: 1, memory: "1Gi" } } }),
  },
];

describe("the pods of a workload that is made here", () => {
  for (const pair of pairs) {
    it(`${pair.what} is refused at pod.${pair.at}`, () => {
      assert.deepEqual(
        problemsOf(withPod(pair.refused)).map(({ path }) => path),
        at(pair.at),
      );
      assert.deepEqual(problemsOf(withPod(pair.allowed)), []);
    });
  }

  it("meet what is written of them by the names of containers, and keep what is not", () => {
    const pod = {
      metadata: { annotations: { "prometheus.io/scrape": "true" } },
      spec: {
        terminationGracePeriodSeconds: 60,
        initContainers: [{ name: "migrate", image: "m" }],
        containers: [
          { name: "helper", image: "h", securityContext: { runAsUser: 5 } },
          {
            name: "app-a",
            resources: { requests: { cpu: "1" } },
            envFrom: [{ secretRef: { name: "s" } }],
            env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "a" } } }],
          },
        ],
      },
    };
    const { metadata, spec } = podTemplate({ name: "app-a", image: "i", env: { A: "1", B: "2" }, pod });
    const containers = spec.containers as Record<string, unknown>[];
    assert.deepEqual(metadata.annotations, { "prometheus.io/scrape": "true" });
    assert.equal(metadata.labels.app, "app-a");
    assert.equal(spec.serviceAccountName, "app-a");
    assert.deepEqual(
      containers.map(({ name, image }) => [name, image]),
      [
        ["app-a", "i"],
        ["helper", "h"],
      ],
    );
    assert.deepEqual(containers[0]!.env, [pod.spec.containers[1]!.env![0], { name: "B", value: "2" }]);
    assert.deepEqual((containers[1]!.securityContext as Record<string, unknown>).capabilities, { drop: ["ALL"] });
  });

  it("number as many as an autoscaler says, and have the Service's ports", () => {
    const change = withPod({}, { replicas: "auto", ports: { metrics: 9090 } });
    const { workloads } = planStack(parseConfig({ ...soundConfig(), ...change }, { now }));
    const manifests = workloads.find(({ name }) => name === "app-a")!.manifests;
    assert.ok(!("replicas" in find(manifests, "Deployment/test-app/app-a").spec));
    assert.deepEqual(
      find(manifests, "Service/test-app/app-a").spec.ports.map(
        ({ name, port, targetPort }: Record<string, unknown>) => [name, port, targetPort],
      ),
      [
        ["http", 80, 8080],
        ["metrics", 9090, 9090],
      ],
    );
  });

  it("have ports that Kubernetes and the sidecar take", () => {
    const refused = (ports: Record<string, unknown>) =>
      problemsOf(withPod({}, { ports })).map(({ path }) => path.replace("istio-egress:workloads.app-a.ports.", ""));
    assert.deepEqual(refused({ http: 9090 }), ["http"]);
    assert.deepEqual(refused({ metrics: 8080 }), ["metrics"]);
    assert.deepEqual(refused({ web: 80 }), ["web"]);
    assert.deepEqual(refused({ admin: 15090 }), ["admin"]);
    assert.deepEqual(refused({ "a-very-long-name": 9090 }), ["a-very-long-name"]);
    assert.deepEqual(refused({ metrics: 9090, "grpc-api": 9091 }), []);
  });
});
