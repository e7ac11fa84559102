/** How a cluster is reached. */
export interface Endpoint {
  /** Name of the cluster, the user and the context. */
  context: string;
  /** Address or DNS name of the control plane. */
  host: string;
  /** The cluster's own authority, PEM in base64; a DNS name's certificate is Google's. */
  certificateAuthority?: string;
}

/** A kubeconfig, as JSON, which asks Google for a short-lived token whenever it is used: it holds no key of anybody's. */
export function kubeconfig({ context, host, certificateAuthority }: Endpoint): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    clusters: [
      {
        name: context,
        cluster: {
          server: `https://${host}`,
          ...(certificateAuthority === undefined ? {} : { "certificate-authority-data": certificateAuthority }),
        },
      },
    ],
    users: [
      {
        name: context,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "gke-gcloud-auth-plugin",
            installHint: "gcloud components install gke-gcloud-auth-plugin",
            interactiveMode: "Never",
            provideClusterInfo: true,
          },
        },
      },
    ],
  });
}
