import { Platform, readStackConfig } from "./components";

const args = readStackConfig();
const platform = new Platform("platform", args);
const { gke } = platform;
const adopted = args.config.namespaces.some(({ existing }) => existing);

export = {
  /** Namespace of the egress gateways. */
  gatewayNamespace: platform.gatewayNamespace,

  /** What the certificate of each workload names, by `namespace/workload`. */
  identities: platform.identities,

  /** The external hosts that each workload may reach, by `namespace/workload`. */
  grants: platform.grants,

  /** How the pods of namespaces that exist are made anew by their owners; none where there are no such. */
  ...(adopted && { restarts: platform.restarts }),

  // Pulumi warns of outputs without a value, so these are none where the stack makes no cluster.
  ...(gke && {
    /** The addresses from which all egress comes, for partners' lists. */
    egressAddresses: gke.egressAddresses,

    /** The way to the cluster. Secret. */
    kubeconfig: gke.kubeconfig,
  }),
};
