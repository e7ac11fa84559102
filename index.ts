import { Platform, readStackConfig } from "./components";

const platform = new Platform("platform", readStackConfig());
const { gke } = platform;

export = {
  /** Namespace of the egress gateways. */
  gatewayNamespace: platform.gatewayNamespace,

  /** What the certificate of each workload names, by `namespace/workload`. */
  identities: platform.identities,

  /** The outside hosts that each workload may reach, by `namespace/workload`. */
  grants: platform.grants,

  // Pulumi warns of outputs without a value, so these are none where the stack makes no cluster.
  ...(gke && {
    /** The addresses from which all egress comes, for partners' lists. */
    egressAddresses: gke.egressAddresses,

    /** The way to the cluster. Secret. */
    kubeconfig: gke.kubeconfig,
  }),
};
