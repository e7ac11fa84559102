import * as path from "node:path";
import { stateFolder } from "../../paths";
import { apiServerPort, network } from "../../topology";
import { Part, ToolPath } from "../boot-plan";
import { pki } from "../pki";

const loopback = "127.0.0.1";

/** etcd, the API server, the controller manager and the scheduler. */
export function controlPlane(tool: ToolPath): Part[] {
  return [
    {
      name: "etcd",
      kind: "service",
      network: "lab",
      after: [],
      argv: [
        tool("etcd"),
        `--data-dir=${path.join(stateFolder, "etcd")}`,
        `--listen-client-urls=http://${loopback}:2379`,
        `--advertise-client-urls=http://${loopback}:2379`,
        `--listen-peer-urls=http://${loopback}:2380`,
        `--listen-metrics-urls=http://${loopback}:2381`,
        // What is written here is meant to be thrown away: a crash of the machine may take it.
        "--unsafe-no-fsync",
        "--log-level=warn",
      ],
      ready: { kind: "http", address: loopback, port: 2381, path: "/readyz" },
    },
    {
      name: "kube-apiserver",
      kind: "service",
      network: "lab",
      after: ["etcd"],
      argv: [
        tool("kube-apiserver"),
        `--etcd-servers=http://${loopback}:2379`,
        `--advertise-address=${network.lab.address}`,
        `--secure-port=${apiServerPort}`,
        `--service-cluster-ip-range=${network.serviceCidr}`,
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        `--client-ca-file=${pki.authority}`,
        `--tls-cert-file=${pki.apiServer.certificate}`,
        `--tls-private-key-file=${pki.apiServer.key}`,
        `--kubelet-certificate-authority=${pki.authority}`,
        `--kubelet-client-certificate=${pki.kubeletClient.certificate}`,
        `--kubelet-client-key=${pki.kubeletClient.key}`,
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        `--service-account-key-file=${pki.serviceAccounts.pub}`,
        `--service-account-signing-key-file=${pki.serviceAccounts.key}`,
        `--cert-dir=${path.join(stateFolder, "apiserver")}`,
        "--profiling=false",
      ],
      ready: { kind: "https", address: network.lab.address, port: apiServerPort, path: "/readyz" },
    },
    {
      name: "kube-controller-manager",
      kind: "service",
      network: "lab",
      after: ["kube-apiserver"],
      argv: [
        tool("kube-controller-manager"),
        `--kubeconfig=${pki.kubeconfig("controller-manager")}`,
        `--authentication-kubeconfig=${pki.kubeconfig("controller-manager")}`,
        `--authorization-kubeconfig=${pki.kubeconfig("controller-manager")}`,
        `--bind-address=${loopback}`,
        `--root-ca-file=${pki.authority}`,
        `--service-account-private-key-file=${pki.serviceAccounts.key}`,
        "--use-service-account-credentials=false",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
        "--leader-elect=false",
        "--allocate-node-cidrs=true",
        `--cluster-cidr=${network.podCidr}`,
        "--node-cidr-mask-size=24",
        "--profiling=false",
      ],
      ready: { kind: "https", address: loopback, port: 10257, path: "/healthz" },
    },
    {
      name: "kube-scheduler",
      kind: "service",
      network: "lab",
      after: ["kube-apiserver"],
      argv: [
        tool("kube-scheduler"),
        `--kubeconfig=${pki.kubeconfig("scheduler")}`,
        `--authentication-kubeconfig=${pki.kubeconfig("scheduler")}`,
        `--authorization-kubeconfig=${pki.kubeconfig("scheduler")}`,
        `--bind-address=${loopback}`,
        "--leader-elect=false",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
        "--profiling=false",
      ],
      ready: { kind: "https", address: loopback, port: 10259, path: "/healthz" },
    },
  ];
}
