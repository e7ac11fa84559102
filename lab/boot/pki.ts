import * as fs from "node:fs";
import * as path from "node:path";
import { Authority, createAuthority, createKeyPair, issueCertificate } from "../certificates";
import { state } from "../paths";
import { apiServerPort, clusterName, network } from "../topology";

/** Who talks to the API server, by the file name of the kubeconfig that lets them. */
const clients = {
  admin: { commonName: "admin", organization: "system:masters" },
  // With rights of its own, since it starts in seconds less when its controllers need no account and token each.
  "controller-manager": { commonName: "system:kube-controller-manager", organization: "system:masters" },
  scheduler: { commonName: "system:kube-scheduler" },
  kubelet: { commonName: `system:node:${clusterName}`, organization: "system:nodes" },
  "kube-proxy": { commonName: "system:kube-proxy" },
} as const;

export const pki = {
  authority: path.join(state.pki, "ca.crt"),
  apiServer: pairFiles("apiserver"),
  kubeletServer: pairFiles("kubelet-server"),
  kubeletClient: pairFiles("apiserver-kubelet-client"),
  serviceAccounts: {
    key: path.join(state.pki, "service-accounts.key"),
    pub: path.join(state.pki, "service-accounts.pub"),
  },
  kubeconfig: (client: keyof typeof clients) =>
    client === "admin" ? state.kubeconfig : path.join(state.pki, `${client}.kubeconfig`),
};

function pairFiles(name: string): { certificate: string; key: string } {
  return { certificate: path.join(state.pki, `${name}.crt`), key: path.join(state.pki, `${name}.key`) };
}

/** Makes the cluster's authority, certificates and kubeconfigs; they live as long as the lab does. */
export async function createPki(): Promise<void> {
  fs.mkdirSync(state.pki, { recursive: true, mode: 0o700 });
  const authority = await createAuthority(clusterName);
  fs.writeFileSync(pki.authority, authority.certificatePem);
  await Promise.all([
    issueTo(pki.apiServer, authority, {
      commonName: "kube-apiserver",
      dnsNames: [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "localhost",
      ],
      addresses: [network.apiServerService, network.lab.address, "127.0.0.1"],
    }),
    issueTo(pki.kubeletServer, authority, {
      commonName: `system:node:${clusterName}`,
      dnsNames: [clusterName],
      addresses: [network.lab.address],
    }),
    issueTo(pki.kubeletClient, authority, {
      commonName: "kube-apiserver-kubelet-client",
      organization: "system:masters",
      client: true,
    }),
    ...Object.keys(clients).map((client) => writeKubeconfig(client as keyof typeof clients, authority)),
  ]);
  const keys = await createKeyPair();
  fs.writeFileSync(pki.serviceAccounts.key, keys.privateKeyPem, { mode: 0o600 });
  fs.writeFileSync(pki.serviceAccounts.pub, keys.publicKeyPem);
}

async function issueTo(
  files: { certificate: string; key: string },
  authority: Authority,
  request: Parameters<typeof issueCertificate>[1],
): Promise<void> {
  const pair = await issueCertificate(authority, request);
  fs.writeFileSync(files.certificate, pair.certificatePem);
  fs.writeFileSync(files.key, pair.privateKeyPem, { mode: 0o600 });
}

async function writeKubeconfig(client: keyof typeof clients, authority: Authority): Promise<void> {
  const pair = await issueCertificate(authority, { ...clients[client], client: true });
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: clusterName,
        cluster: {
          server: `https://${network.lab.address}:${apiServerPort}`,
          "certificate-authority-data": base64(authority.certificatePem),
        },
      },
    ],
    users: [
      {
        name: client,
        user: {
          "client-certificate-data": base64(pair.certificatePem),
          "client-key-data": base64(pair.privateKeyPem),
        },
      },
    ],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: client } }],
    "current-context": clusterName,
  };
  // JSON is YAML, and every reader of kubeconfigs takes it.
  fs.writeFileSync(pki.kubeconfig(client), JSON.stringify(kubeconfig, undefined, 2), { mode: 0o600 });
}
