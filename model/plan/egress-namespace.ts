import { Manifest } from "../manifest";
import { sortedUnique } from "../order";
import { silentDefaultLog } from "./access-log";
import { EgressNamespaceArgs } from "./args";
import { commonLabels, sortManifests } from "./metadata";
import { egressToControlPlane, egressToOutside, ingressFromMesh } from "./network-policies";
import { strictMtls } from "./strict-mtls";

/**
 * The namespace that the egress gateways have to themselves: within Pod Security's `restricted`, open for connections
 * from guarded namespaces alone, and with a way out to public addresses.
 */
export function planEgressNamespace(args: EgressNamespaceArgs): Manifest[] {
  const { name, mesh = {}, guardedNamespaces, resolvers } = args;
  return sortManifests([
    namespace(name),
    ...(mesh.foreign === true ? [strictMtls(name)] : []),
    silentDefaultLog(name),
    ...egressToControlPlane(name, resolvers),
    egressToOutside(name),
    ingressFromMesh(name, sortedUnique(guardedNamespaces)),
  ]);
}

function namespace(name: string): Manifest {
  const podSecurity = Object.fromEntries(
    ["enforce", "audit", "warn"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, "restricted"],
      [`pod-security.kubernetes.io/${mode}-version`, "latest"],
    ]),
  );
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { ...commonLabels(), ...podSecurity } } };
}
