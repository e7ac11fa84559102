import * as fs from "node:fs";
import * as path from "node:path";
import { state, stateFolder } from "../../paths";
import { clusterName, network } from "../../topology";
import { Part, ToolPath } from "../boot-plan";
import { pki } from "../pki";
import { containerdEndpoint } from "./containerd";

const loopback = "127.0.0.1";
const kubeletConfig = path.join(stateFolder, "kubelet.json");
const kubeProxyConfig = path.join(stateFolder, "kube-proxy.json");
const resolvConf = path.join(stateFolder, "resolv.conf");

export function writeNodeConfig(): void {
  fs.writeFileSync(resolvConf, `nameserver ${network.outsideDns}\n`);
  writeJson(kubeletConfig, {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    containerRuntimeEndpoint: containerdEndpoint,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${clusterName}`,
    clusterDNS: [network.clusterDns],
    clusterDomain: "cluster.local",
    resolvConf,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki.authority },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: pki.kubeletServer.certificate,
    tlsPrivateKeyFile: pki.kubeletServer.key,
    address: network.lab.address,
    healthzBindAddress: loopback,
    volumePluginDir: path.join(stateFolder, "volume-plugins"),
    podLogsDir: path.join(state.logs, "pods"),
    failSwapOn: false,
    oomScoreAdj: 0,
    // Two processors run a whole mesh: images are few and disks may be nearly full.
    imageGCHighThresholdPercent: 100,
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    // Shutting down need not wait for anybody.
    shutdownGracePeriod: "0s",
    syncFrequency: "10s",
    nodeStatusUpdateFrequency: "5s",
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
  });
  writeJson(kubeProxyConfig, {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clientConnection: { kubeconfig: pki.kubeconfig("kube-proxy") },
    clusterCIDR: network.podCidr,
    hostnameOverride: clusterName,
    bindAddress: network.lab.address,
    healthzBindAddress: `${loopback}:10256`,
    metricsBindAddress: `${loopback}:10249`,
    oomScoreAdj: 0,
    // The machine's own limit stays as it is.
    conntrack: { maxPerCore: 0 },
    nftables: { syncPeriod: "30s", minSyncPeriod: "100ms" },
  });
}

function writeJson(file: string, value: unknown): void {
  fs.writeFileSync(file, JSON.stringify(value, undefined, 2));
}

/** The kubelet and kube-proxy. */
export function node(tool: ToolPath): Part[] {
  return [
    {
      name: "kubelet",
      kind: "service",
      network: "lab",
      after: ["kube-apiserver", "containerd"],
      argv: [
        tool("kubelet"),
        `--config=${kubeletConfig}`,
        `--kubeconfig=${pki.kubeconfig("kubelet")}`,
        `--root-dir=${path.join(stateFolder, "kubelet")}`,
        `--cert-dir=${path.join(stateFolder, "kubelet-pki")}`,
        `--hostname-override=${clusterName}`,
        `--node-ip=${network.lab.address}`,
      ],
      ready: { kind: "http", address: loopback, port: 10248, path: "/healthz" },
    },
    {
      name: "kube-proxy",
      kind: "service",
      network: "lab",
      after: ["kube-apiserver"],
      argv: [tool("kube-proxy"), `--config=${kubeProxyConfig}`],
      // /livez rather than /healthz: the latter waits for the node's object.
      ready: { kind: "http", address: loopback, port: 10256, path: "/livez" },
    },
  ];
}
