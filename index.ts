import { Platform, readStackConfig } from "./components";

const platform = new Platform("platform", readStackConfig());

/** Namespace of the egress gateway. */
export const gatewayNamespace = platform.gatewayNamespace;

/** What the certificate of each workload names, by `namespace/workload`. */
export const identities = platform.identities;

/** The outside hosts that each workload may reach, by `namespace/workload`. */
export const grants = platform.grants;
