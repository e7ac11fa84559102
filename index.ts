import { Platform, readStackConfig } from "./components";

const platform = new Platform("platform", readStackConfig());

/** Namespace of the egress gateway. */
export const gatewayNamespace = platform.gatewayNamespace;

/** What the certificate of each workload names, by `namespace/workload`. */
export const identities = platform.identities;

/** The outside hosts that each workload may reach, by `namespace/workload`. */
export const grants = platform.grants;

/** The addresses from which all egress comes, for partners' lists; on a GKE cluster that the stack makes. */
export const egressAddresses = platform.egressAddresses;

/** The way to a GKE cluster that the stack makes. Secret. */
export const kubeconfig = platform.kubeconfig;
