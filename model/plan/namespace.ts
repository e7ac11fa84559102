import { Manifest } from "../ground/manifest";
import { sortedUnique } from "../ground/order";
import { NamespaceArgs } from "./args";
import { commonLabels, injectionLabel, sortManifests } from "./metadata";
import { egressToControlPlane, egressToGateway, egressToMesh } from "./network-policies";
import { planSidecar } from "./sidecar";
import { strictMtls } from "./strict-mtls";

/**
 * A namespace whose pods get a sidecar, and the two guards of all its pods: a Sidecar that knows the hosts
 * of the whole namespace only, for pods that no workload claims, and NetworkPolicies, for pods that get round their sidecar.
 */
export function planNamespace(args: NamespaceArgs): Manifest[] {
  const { name, mesh = {}, gatewayNamespace, hosts = [] } = args;
  const guardedNamespaces = sortedUnique(args.guardedNamespaces);
  return sortManifests([
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { ...args.labels, ...commonLabels(), ...injectionLabel(mesh) } },
    },
    ...(mesh.foreign === true ? [strictMtls(name)] : []),
    planSidecar({ name: "default", namespace: name, mesh, hosts, guardedNamespaces, gatewayNamespace }),
    ...egressToControlPlane(name, mesh, args.resolvers),
    egressToMesh(name, guardedNamespaces),
    egressToGateway(name, gatewayNamespace),
  ]);
}
