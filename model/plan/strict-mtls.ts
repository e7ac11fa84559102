import { Manifest } from "../ground/manifest";
import { commonLabels } from "./metadata";

/** Pods of a namespace, or of the whole mesh in its root namespace, take no connection without mutual TLS. */
export function strictMtls(namespace: string): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace, labels: commonLabels() },
    spec: { mtls: { mode: "STRICT" } },
  };
}
