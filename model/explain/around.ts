import { meshTraits } from "../config/mesh-traits";
import { StackConfig } from "../config/types";
import { Step } from "./types";

/** The Sidecar that says what a workload's sidecar knows. */
export function sidecarOf(from: string): string {
  return `Sidecar/${from}`;
}

/** What is behind a sidecar's refusal: how far a process gets that goes round it. */
export function aroundSidecar({ mesh }: StackConfig, home: string): Step {
  const managed = meshTraits(mesh).managed !== undefined;
  return {
    at: "around the sidecar",
    what:
      "whatever user a process in the pod runs as, it reaches the gateways and guarded pods" +
      (managed ? ", and Google's APIs, of which the mesh's control plane is one, at most" : " at most"),
    by: ["egress-to-gateway", ...(managed ? ["egress-to-managed-control-plane"] : []), "egress-to-mesh"].map(
      (policy) => `NetworkPolicy/${home}/${policy}`,
    ),
  };
}
