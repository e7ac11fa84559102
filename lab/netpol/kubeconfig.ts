import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

/** How to reach an API server and prove who is asking. */
export interface Cluster {
  server: URL;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

interface Kubeconfig {
  "current-context"?: string;
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  clusters?: { name: string; cluster: Record<string, string | undefined> & { server?: string } }[];
  users?: { name: string; user: Record<string, string | undefined> }[];
}

/**
 * Reads the current context of a kubeconfig: server, CA and client certificate, given inline or as files.
 * Throws an Error with one sentence when the file cannot be read or its current context leads nowhere.
 */
export function readKubeconfig(file: string): Cluster {
  const config = parse(readFileSync(file, "utf8")) as Kubeconfig | null;
  const context = config?.contexts?.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config?.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config?.users?.find(({ name }) => name === context?.user)?.user;
  if (cluster?.server === undefined) {
    throw new Error(
      `${file}: current-context ${JSON.stringify(config?.["current-context"])} names no cluster with a server.`,
    );
  }
  const material = (from: Record<string, string | undefined>, field: string): Buffer | undefined => {
    const data = from[`${field}-data`];
    if (data !== undefined) return Buffer.from(data, "base64");
    const name = from[field];
    return name === undefined ? undefined : readFileSync(path.resolve(path.dirname(file), name));
  };
  return {
    server: new URL(cluster.server),
    ca: material(cluster, "certificate-authority"),
    cert: material(user ?? {}, "client-certificate"),
    key: material(user ?? {}, "client-key"),
  };
}
