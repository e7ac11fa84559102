import { dataOf } from "../provider/api/credentials";
import { connectionOf, loadKubeconfig } from "../provider/api/kubeconfig";

/** How to reach an API server and prove who is asking. */
export interface Cluster {
  server: URL;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

/**
 * Reads the current context of a kubeconfig: server, CA and client certificate, given inline or as files.
 * @throws UserError with one sentence when a file cannot be read or the current context leads nowhere
 */
export function readKubeconfig(file: string): Cluster {
  const { server, cluster, user } = connectionOf(loadKubeconfig(file));
  return {
    server: new URL(server),
    ca: dataOf(cluster, "certificate-authority"),
    cert: dataOf(user, "client-certificate"),
    key: dataOf(user, "client-key"),
  };
}
