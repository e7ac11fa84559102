import * as fs from "node:fs";
import * as path from "node:path";
import { state, stateFolder } from "../../paths";
import { clusterName, imageRegistry, network } from "../../topology";
import { Part, ToolPath } from "../boot-plan";

const manifestFile = path.join(stateFolder, "cluster-dns.json");
const labels = { "k8s-app": "kube-dns" };
const metadata = { name: "coredns", namespace: "kube-system" };

const corefile = `.:53 {
  errors
  ready
  kubernetes cluster.local in-addr.arpa {
    pods insecure
    fallthrough in-addr.arpa
  }
  forward . ${network.outsideDns}
  cache 30
}
`;

const objects = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "system:coredns" },
    rules: [
      { apiGroups: [""], resources: ["services", "namespaces"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "system:coredns" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:coredns" },
    subjects: [{ kind: "ServiceAccount", ...metadata }],
  },
  { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: corefile } },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...metadata, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: metadata.name,
          dnsPolicy: "Default",
          containers: [
            {
              name: "coredns",
              image: `${imageRegistry}/coredns:1`,
              imagePullPolicy: "Never",
              args: ["-conf", "/etc/coredns/Corefile"],
              ports: [
                { name: "dns", protocol: "UDP", containerPort: 53 },
                { name: "dns-tcp", protocol: "TCP", containerPort: 53 },
              ],
              readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
              resources: { requests: { cpu: "10m", memory: "32Mi" } },
              volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
            },
          ],
          volumes: [{ name: "config", configMap: { name: metadata.name } }],
        },
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kube-dns", namespace: "kube-system", labels },
    spec: {
      clusterIP: network.clusterDns,
      selector: labels,
      ports: [
        { name: "dns", protocol: "UDP", port: 53 },
        { name: "dns-tcp", protocol: "TCP", port: 53 },
      ],
    },
  },
];

export function writeClusterDns(): void {
  fs.writeFileSync(manifestFile, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }, undefined, 2));
}

/** The cluster's resolver, as the pods that every cluster has it in, and the wait until it and the node are ready. */
export function clusterDns(tool: ToolPath): Part[] {
  const kubectl = [tool("kubectl"), `--kubeconfig=${state.kubeconfig}`];
  return [
    {
      name: "cluster-dns",
      kind: "task",
      network: "lab",
      // The Deployment's pod needs the default objects of its namespace, which the controller manager makes.
      after: ["kube-apiserver", "kube-controller-manager"],
      argv: [...kubectl, "apply", "--server-side", "-f", manifestFile],
    },
    {
      name: "node-ready",
      kind: "task",
      network: "lab",
      after: ["kubelet"],
      argv: [
        "sh",
        "-ec",
        '"$@" wait --for=create --timeout=60s node/$0; "$@" wait --for=condition=Ready --timeout=60s node/$0',
        clusterName,
        ...kubectl,
      ],
    },
    {
      name: "dns-ready",
      kind: "task",
      network: "lab",
      after: ["cluster-dns", "node-ready", "kube-proxy", "network-policies", "kube-scheduler"],
      argv: [...kubectl, "--namespace=kube-system", "rollout", "status", "--timeout=90s", "deployment/coredns"],
    },
  ];
}
