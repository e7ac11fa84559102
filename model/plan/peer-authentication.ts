import { Manifest } from "../ground/manifest";
import { commonLabels } from "./metadata";

/** Pods of a namespace, or of the whole mesh in its root namespace, take no connection without mutual TLS. */
export function strictMtls(namespace: string): Manifest {
  return peerAuthentication(namespace, "STRICT");
}

/**
 * Pods with a sidecar take connections with mutual TLS and without: those of a namespace, some of whose pods still run
 * without one.
 */
export function permissiveMtls(namespace: string): Manifest {
  return peerAuthentication(namespace, "PERMISSIVE");
}

function peerAuthentication(namespace: string, mode: "STRICT" | "PERMISSIVE"): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace, labels: commonLabels() },
    spec: { mtls: { mode } },
  };
}
