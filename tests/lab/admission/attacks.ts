/** What somebody with `edit` in a guarded namespace may try, each with a twin that is allowed on the same way. */

export type KubernetesObject = Record<string, any> & { apiVersion: string; kind: string };

export interface Attack {
  what: string;
  /** The rule that refuses it; of two with `|` between them, the API server says either. */
  rule: string;
  refused: KubernetesObject;
  allowed: KubernetesObject;
}

export const guarded = "test-app";
/** A namespace of the tenant's that no stack guards. */
export const elsewhere = "admission-elsewhere";

const image = "lab.istio-egress.local/workload:1";
const container = (patch: object = {}) => ({ name: "main", image, ...patch });

export function pod(
  { spec = {}, labels, annotations, main = {} }: PodPatch = {},
  namespace = guarded,
): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, labels, annotations },
    spec: { containers: [container(main)], ...spec },
  };
}

interface PodPatch {
  spec?: object;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** Of the one container. */
  main?: object;
}

type Kind = "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job" | "CronJob";

export function made(kind: Kind, patch: PodPatch = {}): KubernetesObject {
  const { spec, metadata } = pod(patch) as Record<string, any>;
  const labels = { of: "tenant", ...metadata.labels };
  const template = { metadata: { labels, annotations: metadata.annotations }, spec };
  const object = (apiVersion: string, rest: object): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { namespace: guarded },
    spec: rest,
  });
  const once = { ...template, spec: { ...spec, restartPolicy: "Never" } };
  switch (kind) {
    case "Job":
      return object("batch/v1", { template: once });
    case "CronJob":
      return object("batch/v1", { schedule: "0 0 1 1 *", jobTemplate: { spec: { template: once } } });
    case "ReplicationController":
      return object("v1", { replicas: 0, selector: { of: "tenant" }, template });
    case "StatefulSet":
      return object("apps/v1", { serviceName: "none", selector: { matchLabels: { of: "tenant" } }, template });
    default:
      return object("apps/v1", { selector: { matchLabels: { of: "tenant" } }, template });
  }
}

/** An attack on a Deployment's template, beside the Deployment without it. */
function inTemplate(what: string, rule: string, patch: PodPatch, allowed: PodPatch = {}): Attack {
  return {
    what: `a Deployment ${what}`,
    rule,
    refused: made("Deployment", patch),
    allowed: made("Deployment", allowed),
  };
}

function inPod(what: string, rule: string, patch: PodPatch, allowed: PodPatch = {}): Attack {
  return { what: `a pod ${what}`, rule, refused: pod(patch), allowed: pod(allowed) };
}

function object(
  apiVersion: string,
  kind: string,
  spec: object,
  namespace = guarded,
  rest: object = {},
): KubernetesObject {
  return { apiVersion, kind, metadata: { namespace }, ...(Object.keys(spec).length === 0 ? {} : { spec }), ...rest };
}

/** What only the platform makes in a guarded namespace, and anybody elsewhere. */
function onlyElsewhere(rule: string, apiVersion: string, kind: string, spec: object, rest: object = {}): Attack {
  return {
    what: `a ${kind}`,
    rule,
    refused: object(apiVersion, kind, spec, guarded, rest),
    allowed: object(apiVersion, kind, spec, elsewhere, rest),
  };
}

const secured = (securityContext: object) => ({ main: { securityContext } });
const volume = (source: object) => ({ spec: { volumes: [{ name: "data", ...source }] } });
const probe = { httpGet: { host: "203.0.113.10", port: 80 } };
const ownProbe = { httpGet: { port: 8080 } };

const powers: Attack[] = [
  // It would get no sidecar, and either of the two may be said.
  inPod("on the node's network", "host-namespaces|sidecar", { spec: { hostNetwork: true } }),
  inTemplate("on the node's network", "host-namespaces", { spec: { hostNetwork: true } }),
  inTemplate("among the node's processes", "host-namespaces", { spec: { hostPID: true } }),
  inTemplate("in the node's IPC", "host-namespaces", { spec: { hostIPC: true } }),
  inTemplate("whose containers share processes with the sidecar", "host-namespaces", {
    spec: { shareProcessNamespace: true },
  }),
  inPod("that is privileged", "privileges", secured({ privileged: true }), secured({ privileged: false })),
  inTemplate("that is privileged", "privileges", secured({ privileged: true })),
  inTemplate(
    "whose init container is privileged",
    "privileges",
    {
      spec: { initContainers: [{ name: "first", image, securityContext: { privileged: true } }] },
    },
    { spec: { initContainers: [{ name: "first", image }] } },
  ),
  ...["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE", "BPF", "CAP_NET_ADMIN", "ALL"].map((capability) =>
    inTemplate(
      `with ${capability}`,
      "privileges",
      secured({ capabilities: { add: [capability] } }),
      secured({ capabilities: { add: ["NET_BIND_SERVICE"] } }),
    ),
  ),
  inTemplate(
    "with a port of the node",
    "privileges",
    { main: { ports: [{ containerPort: 8080, hostPort: 8080 }] } },
    { main: { ports: [{ containerPort: 8080 }] } },
  ),
  inTemplate(
    "with a sysctl that Kubernetes does not call safe",
    "privileges",
    { spec: { securityContext: { sysctls: [{ name: "net.ipv4.ip_forward", value: "1" }] } } },
    { spec: { securityContext: { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "80" }] } } },
  ),
  inPod("with the node's files", "volumes", volume({ hostPath: { path: "/" } }), volume({ emptyDir: {} })),
  ...Object.entries({
    hostPath: { path: "/var/run" },
    nfs: { server: "203.0.113.10", path: "/" },
    iscsi: { targetPortal: "203.0.113.10", iqn: "iqn.2001-04.com.example:storage", lun: 0 },
    cephfs: { monitors: ["203.0.113.10"] },
    glusterfs: { endpoints: "a", path: "/" },
    rbd: { monitors: ["203.0.113.10"], image: "a" },
    flexVolume: { driver: "example.com/driver" },
    csi: { driver: "nfs.csi.k8s.io", volumeAttributes: { server: "203.0.113.10" } },
  }).map(([kind, source]) =>
    inTemplate(
      `with a volume of kind ${kind}`,
      "volumes",
      volume({ [kind]: source }),
      volume({ configMap: { name: "settings" } }),
    ),
  ),
  inPod(
    "on a node by name",
    "node",
    { spec: { nodeName: "lab-node" } },
    { spec: { nodeSelector: { "kubernetes.io/os": "linux" } } },
  ),
  inTemplate("on a node by name", "node", { spec: { nodeName: "lab-node" } }),
  inTemplate(
    "that tolerates every node",
    "node",
    { spec: { tolerations: [{ operator: "Exists" }] } },
    { spec: { tolerations: [{ key: "example.com/batch", operator: "Exists" }] } },
  ),
  inTemplate("that tolerates the gateways' nodes", "node", {
    spec: { tolerations: [{ key: "istio-egress/pool", operator: "Exists" }] },
  }),
  ...["livenessProbe", "readinessProbe", "startupProbe"].map((name) =>
    inTemplate(
      `whose ${name} calls another host`,
      "probes",
      { main: { [name]: probe } },
      { main: { [name]: ownProbe } },
    ),
  ),
  inTemplate(
    "whose probe dials another host",
    "probes",
    { main: { livenessProbe: { tcpSocket: { host: "203.0.113.10", port: 53 } } } },
    { main: { livenessProbe: { tcpSocket: { port: 53 } } } },
  ),
  ...["postStart", "preStop"].map((name) =>
    inTemplate(
      `whose ${name} hook calls another host`,
      "probes",
      { main: { lifecycle: { [name]: probe } } },
      { main: { lifecycle: { [name]: ownProbe } } },
    ),
  ),
  inPod(
    "whose hook calls another host",
    "probes",
    { main: { lifecycle: { preStop: probe } } },
    { main: { lifecycle: { preStop: ownProbe } } },
  ),
  inPod("of an image that names another registry", "registries", { main: { image: "evil.example/c2VjcmV0:1" } }),
  inTemplate("of an image of Docker Hub", "registries", { main: { image: "nginx" } }),
  inTemplate("of an image of a registry that begins the same", "registries", {
    main: { image: "lab.istio-egress.local.evil.example/workload:1" },
  }),
];

const sidecars: Attack[] = [
  ...Object.entries({
    "sidecar.istio.io/inject": "false",
    "sidecar.istio.io/interceptionMode": "NONE",
    "sidecar.istio.io/proxyImage": "lab.istio-egress.local/workload:1",
    "sidecar.istio.io/bootstrapOverride": "mine",
    "sidecar.istio.io/userVolume": "{}",
    "sidecar.istio.io/status": "{}",
    "inject.istio.io/templates": "gateway",
    "proxy.istio.io/overrides": "{}",
    "proxy.istio.io/config": "discoveryAddress: evil.example:15012",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": "0.0.0.0/0",
    "traffic.sidecar.istio.io/includeOutboundIPRanges": "10.0.0.0/8",
    "traffic.sidecar.istio.io/excludeOutboundPorts": "443",
    "traffic.sidecar.istio.io/includeOutboundPorts": "1",
    "traffic.sidecar.istio.io/excludeInterfaces": "eth0",
    "istio.io/reroute-virtual-interfaces": "eth1",
    "ambient.istio.io/redirection": "enabled",
    "k8s.v1.cni.cncf.io/networks": "other",
  }).map(([key, value]) =>
    inTemplate(
      `with the annotation ${key}`,
      "annotations",
      { annotations: { [key]: value } },
      {
        annotations: {
          "sidecar.istio.io/logLevel": "debug",
          "proxy.istio.io/config": "concurrency: 2\nholdApplicationUntilProxyStarts: true\n",
        },
      },
    ),
  ),
  ...Object.entries({
    "sidecar.istio.io/inject": "false",
    "istio.io/rev": "other",
    "istio.io/dataplane-mode": "ambient",
    "istio.io/use-waypoint": "mine",
    "security.istio.io/tlsMode": "disabled",
  }).map(([key, value]) =>
    inTemplate(
      `with the label ${key}`,
      "labels",
      { labels: { [key]: value } },
      { labels: { "sidecar.istio.io/inject": "true" } },
    ),
  ),
  inPod("without a sidecar, by a label", "labels", { labels: { "sidecar.istio.io/inject": "false" } }),
  inPod("without a sidecar, by an annotation", "annotations", { annotations: { "sidecar.istio.io/inject": "false" } }),
  inPod("with addresses left out of redirection", "annotations", {
    annotations: { "traffic.sidecar.istio.io/excludeOutboundIPRanges": "203.0.113.0/24" },
  }),
  inPod(
    "as the sidecar's user",
    "sidecar-user",
    { spec: { securityContext: { runAsUser: 1337 } } },
    { spec: { securityContext: { runAsUser: 1000 } } },
  ),
  inTemplate("as the sidecar's user", "sidecar-user", secured({ runAsUser: 1337 }), secured({ runAsUser: 1000 })),
  inTemplate("as the sidecar's group", "sidecar-user", secured({ runAsGroup: 1337 })),
  inTemplate("in the sidecar's group", "sidecar-user", { spec: { securityContext: { supplementalGroups: [1337] } } }),
  inTemplate("with a sidecar of its own", "sidecar", {
    spec: { containers: [container(), { name: "istio-proxy", image }] },
  }),
  inTemplate("with an istio-init of its own", "sidecar", { spec: { initContainers: [{ name: "istio-init", image }] } }),
  inTemplate("with the sidecar's volume", "sidecar", { spec: { volumes: [{ name: "istio-token", emptyDir: {} }] } }),
  inPod("that says it was injected, with an istio-init of its own", "sidecar|annotations|privileges", {
    annotations: {
      "sidecar.istio.io/status": JSON.stringify({ initContainers: ["istio-init"], containers: ["istio-proxy"] }),
    },
    spec: { initContainers: [{ name: "istio-init", image, command: ["sh", "-c", "true"] }] },
  }),
];

const identities: Attack[] = [
  inPod("of a granted ServiceAccount", "identity", { spec: { serviceAccountName: "app-a" } }),
  inPod("with all that the workload has", "identity", {
    labels: { app: "app-a" },
    spec: { serviceAccountName: "app-a" },
  }),
  inPod("with a workload's label", "identity", { labels: { app: "app-a" } }, { labels: { app: "another" } }),
  ...(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"] as const).map(
    (kind): Attack => ({
      what: `a ${kind} of a granted ServiceAccount`,
      rule: "identity",
      refused: made(kind, { spec: { serviceAccountName: "app-a" } }),
      allowed: made(kind, { spec: { serviceAccountName: "tenant" } }),
    }),
  ),
  inTemplate("with a workload's label", "identity", { labels: { app: "app-b" } }),
  inTemplate(
    "with a gateway's label",
    "gateways",
    { labels: { istio: "egress-gateway" } },
    { labels: { istio: "monitoring" } },
  ),
  inPod("with a gateway's own label", "gateways", {
    labels: { "istio-egress/gateway": "istio-egress.egress-gateway" },
  }),
];

const port = { ports: [{ port: 80 }] };

const objects: Attack[] = [
  ...[{ type: "NodePort" }, { type: "LoadBalancer" }, { externalIPs: ["203.0.113.99"] }].map((spec): Attack => ({
    what: `a Service with ${JSON.stringify(spec)}`,
    rule: "services",
    refused: object("v1", "Service", { ...port, ...spec }),
    allowed: object("v1", "Service", port),
  })),
  {
    what: "a Service for an external name",
    rule: "services",
    refused: object("v1", "Service", { type: "ExternalName", externalName: "cnn.com" }),
    allowed: object("v1", "Service", { ...port, clusterIP: "None" }),
  },
  ...["annotations", "labels"].map((field): Attack => ({
    what: `a Service with ${field} of Istio's`,
    rule: "services",
    refused: {
      ...object("v1", "Service", port),
      metadata: { namespace: guarded, [field]: { "networking.istio.io/exportTo": "x" } },
    },
    allowed: {
      ...object("v1", "Service", port),
      metadata: { namespace: guarded, [field]: { "example.com/team": "x" } },
    },
  })),
  onlyElsewhere("network-policies", "networking.k8s.io/v1", "NetworkPolicy", {
    podSelector: {},
    egress: [{}],
    policyTypes: ["Egress"],
  }),
  onlyElsewhere("ingresses", "networking.k8s.io/v1", "Ingress", {
    defaultBackend: { service: { name: "web", port: { number: 80 } } },
  }),
  onlyElsewhere(
    "endpoints",
    "discovery.k8s.io/v1",
    "EndpointSlice",
    {},
    {
      addressType: "IPv4",
      endpoints: [{ addresses: ["203.0.113.10"] }],
      ports: [{ name: "http", port: 80 }],
    },
  ),
  ...Object.entries({
    Sidecar: { egress: [{ hosts: ["*/*"] }], outboundTrafficPolicy: { mode: "ALLOW_ANY" } },
    ServiceEntry: { hosts: ["cnn.com"], ports: [{ number: 80, name: "http", protocol: "HTTP" }], resolution: "DNS" },
    VirtualService: { hosts: ["github.com"], http: [{ route: [{ destination: { host: "cnn.com" } }] }] },
    DestinationRule: { host: "github.com" },
    WorkloadEntry: { address: "203.0.113.10" },
    Gateway: {
      selector: { of: "tenant" },
      servers: [{ hosts: ["*"], port: { number: 80, name: "http", protocol: "HTTP" } }],
    },
  }).map(([kind, spec]) => onlyElsewhere("istio-objects", "networking.istio.io/v1", kind, spec)),
  onlyElsewhere("istio-objects", "networking.istio.io/v1alpha3", "EnvoyFilter", { configPatches: [] }),
  onlyElsewhere("istio-objects", "security.istio.io/v1", "AuthorizationPolicy", { rules: [{}] }),
  onlyElsewhere("istio-objects", "security.istio.io/v1", "PeerAuthentication", { mtls: { mode: "DISABLE" } }),
  onlyElsewhere("istio-objects", "security.istio.io/v1", "RequestAuthentication", {
    jwtRules: [{ issuer: "evil.example", jwksUri: "http://evil.example/data" }],
  }),
  onlyElsewhere("istio-objects", "networking.istio.io/v1", "WorkloadGroup", { template: {} }),
  onlyElsewhere("istio-objects", "networking.istio.io/v1beta1", "ProxyConfig", { concurrency: 1 }),
  onlyElsewhere("istio-objects", "telemetry.istio.io/v1", "Telemetry", { accessLogging: [{ disabled: true }] }),
  onlyElsewhere("istio-objects", "extensions.istio.io/v1alpha1", "WasmPlugin", { url: "oci://evil.example/a" }),
  {
    what: "a VirtualService elsewhere that binds to the egress gateway",
    rule: "routes",
    refused: object(
      "networking.istio.io/v1",
      "VirtualService",
      {
        hosts: ["github.com"],
        gateways: ["istio-egress/egress-gateway"],
        http: [{ route: [{ destination: { host: "cnn.com" } }] }],
      },
      elsewhere,
    ),
    allowed: object(
      "networking.istio.io/v1",
      "VirtualService",
      { hosts: ["github.com"], gateways: ["mine"], http: [{ route: [{ destination: { host: "cnn.com" } }] }] },
      elsewhere,
    ),
  },
  ...[
    { istio: "egress-gateway" },
    { "istio-egress/gateway": "istio-egress.egress-gateway" },
    { "app.kubernetes.io/managed-by": "pulumi" },
  ].map((selector): Attack => {
    const servers = [{ hosts: ["*"], port: { number: 8081, name: "http", protocol: "HTTP" } }];
    return {
      what: `a Gateway elsewhere for pods with ${JSON.stringify(selector)}`,
      rule: "routes",
      refused: object("networking.istio.io/v1", "Gateway", { selector, servers }, elsewhere),
      allowed: object("networking.istio.io/v1", "Gateway", { selector: { istio: "mine" }, servers }, elsewhere),
    };
  }),
];

export const attacks: Attack[] = [...powers, ...sidecars, ...identities, ...objects];
