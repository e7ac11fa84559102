import { Forwarding, forwardingOf } from "../ground/forwarding";
import { Manifest } from "../ground/manifest";
import { MeshTraits } from "../ground/mesh-traits";
import { silentDefaultLog } from "./access-log";
import { GatewayArgs } from "./args";
import { forwardingFilter } from "./gateway-forwarding";
import { gatewayRoutes } from "./gateway-routes";
import { HostsArgs, planHosts } from "./host";
import { planListedHosts } from "./listed-host";
import { sidecarRefusals } from "./sidecar-refusals";

interface ForwardingPlan {
  /** What the hosts of a destination take. */
  hosts: (args: HostsArgs) => Manifest[];
  /** What a gateway takes besides its pods. */
  gateway: (args: GatewayArgs) => Manifest[];
  /** What the gateways' namespace takes. */
  namespace: (name: string) => Manifest[];
  /** What a guarded namespace takes, so that refusals of its sidecars are heard. */
  refusals: (namespace: string, counts: boolean) => Manifest[];
}

const plans: Record<Forwarding["name"], ForwardingPlan> = {
  byName: {
    hosts: planHosts,
    gateway: (args) => [...gatewayRoutes(args), forwardingFilter(args)],
    namespace: (name) => [silentDefaultLog(name)],
    refusals: (namespace, counts) => [sidecarRefusals(namespace, counts)],
  },
  listed: {
    hosts: planListedHosts,
    // All that such a gateway forwards is of its hosts.
    gateway: () => [],
    // They are left the mesh's log.
    namespace: () => [],
    refusals: () => [],
  },
};

/** The objects by which gateways of this mesh forward. */
export function forwardingPlan(mesh: MeshTraits | undefined): ForwardingPlan {
  return plans[forwardingOf(mesh).name];
}
