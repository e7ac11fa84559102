/** Lists by which a pod template is held against the guard: what they do not have is refused. */

/**
 * Istio's labels and annotations that change nothing about where a pod's packets go.
 *
 * Source: Istio's documentation, "Resource Annotations" and "Resource Labels".
 */
export const freeIstioKeys: readonly string[] = [
  "prometheus.istio.io/merge-metrics",
  "service.istio.io/canonical-name",
  "service.istio.io/canonical-revision",
  "sidecar.istio.io/agentLogLevel",
  "sidecar.istio.io/componentLogLevel",
  "sidecar.istio.io/logLevel",
  "sidecar.istio.io/proxyCPU",
  "sidecar.istio.io/proxyCPULimit",
  "sidecar.istio.io/proxyMemory",
  "sidecar.istio.io/proxyMemoryLimit",
  "sidecar.istio.io/rewriteAppHTTPProbers",
  "topology.istio.io/subzone",
];

/** Fields of the annotation proxy.istio.io/config that say when the proxy starts and ends, and how large it is. */
export const freeProxyConfig: readonly string[] = [
  "concurrency",
  "drainDuration",
  "holdApplicationUntilProxyStarts",
  "proxyStatsMatcher",
  "terminationDrainDuration",
];

/** Those of Pod Security's `baseline`, and three more that give no power over the network. */
export const freeCapabilities: readonly string[] = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "IPC_LOCK",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
  "SYS_NICE",
  "SYS_RESOURCE",
];

/** Source: Kubernetes' documentation, "Using sysctls in a Kubernetes Cluster". */
export const freeSysctls: readonly string[] = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
];

/** Volumes that no pod can point at a server with; where a driver is named in the pod, those that hand out secrets. */
export const volumeKinds: Record<string, readonly string[] | undefined> = {
  configMap: undefined,
  csi: [
    "csi.cert-manager.io",
    "csi.spiffe.io",
    "secrets-store-gke.csi.k8s.io",
    "secrets-store.csi.k8s.io",
    "spiffe.csi.cert-manager.io",
  ],
  downwardAPI: undefined,
  emptyDir: undefined,
  ephemeral: undefined,
  image: undefined,
  persistentVolumeClaim: undefined,
  projected: undefined,
  secret: undefined,
};

/** Source: Istio's injection template. */
export const proxyVolumes: readonly string[] = [
  "credential-socket",
  "istio-ca-crl",
  "istio-data",
  "istio-envoy",
  "istio-kubeconfig",
  "istio-podinfo",
  "istio-token",
  "istiod-ca-cert",
  "lightstep-certs",
  "workload-certs",
  "workload-socket",
];
